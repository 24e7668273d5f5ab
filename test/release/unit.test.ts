import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SERVE_FOLDER } from "../../scripts/build/serve.ts";

/** What systemd calls it from 0 (safe) to 10 (may do all): nearly all that is left is that it may call and be called. */
const EXPOSURE_MAX = 1.2;

const FOLDER = mkdtempSync(join(tmpdir(), "rollcall-unit-"));
const UNIT = join(FOLDER, "rollcall.service");
cpSync(join(SERVE_FOLDER, "rollcall.service"), UNIT);
afterAll(() => rmSync(FOLDER, { recursive: true }));

const isThere = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe.skipIf(!isThere)("the service of systemd", () => {
  it("is without a fault in systemd's own eyes", () => {
    // Where its program is, is this machine's affair.
    const text = readFileSync(UNIT, "utf8");
    expect(text).toContain("ExecStart=/usr/bin/node ");
    writeFileSync(UNIT, text.replace("/usr/bin/node", process.execPath));
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", UNIT], { encoding: "utf8" });
    expect(stdout + stderr).toBe("");
    expect(status).toBe(0);
  });

  it("may do little but serve", () => {
    const judged = execFileSync("systemd-analyze", ["security", "--offline=true", "--no-pager", UNIT], {
      encoding: "utf8",
    });
    expect(Number(/exposure level for rollcall\.service: ([\d.]+)/.exec(judged)?.[1])).toBeLessThan(EXPOSURE_MAX);
  });
});
