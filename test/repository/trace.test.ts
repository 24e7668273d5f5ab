import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WORKER_BUNDLE } from "../support/build.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Written once, in what refuses a call about several users. */
const TEXT = "one of several users";
const SOURCE = "src/worker/transport/perform.ts";

describe("npm run trace", () => {
  // As a stack names it: lines and columns begin with 1.
  const lines = readFileSync(WORKER_BUNDLE, "utf8").split("\n");
  const line = lines.findIndex((each) => each.includes(`"${TEXT}":"a user"`));
  const column = (lines[line] ?? "").indexOf(`"${TEXT}":"a user"`);
  const own = readFileSync(join(ROOT, SOURCE), "utf8").split("\n");
  const inSource = own.findIndex((each) => each.includes(`"${TEXT}" : "a user"`)) + 1;

  const trace = (input: string) =>
    execFileSync(process.execPath, ["scripts/trace.ts"], { cwd: ROOT, encoding: "utf8", input });

  it.each(["index.js", "worker.js"])("says where in the sources a line of the log names a place of %s", (file) => {
    const bug = { event: "bug", error: `TypeError: x\n    at rT (${file}:${line + 1}:${column + 1})\n    at y` };
    const told = JSON.parse(trace(JSON.stringify(bug)));
    expect(told.error).toMatch(/^TypeError: x\n {4}at rT \(\S+:\d+:\d+\)\n {4}at y$/);
    expect(told.error).toContain(`(${SOURCE}:${inSource}:`);
  });

  it("leaves other lines as they are", () => {
    expect(trace('{"event":"request"}\n')).toBe('{"event":"request"}\n');
  });
});
