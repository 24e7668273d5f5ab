import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unlessFresh } from "../../scripts/fresh.ts";

describe("what is made of sources", () => {
  let root: string;
  let times = 0;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "rollcall-fresh-"));
    times = 0;
    mkdirSync(join(root, "src/gen"), { recursive: true });
    writeFileSync(join(root, "src/one.ts"), "1");
    make();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function make(): void {
    const write = () => writeFileSync(join(root, "made"), String(++times));
    unlessFresh("made", ["made"], write, root);
  }

  it("is not made again of the same", () => {
    writeFileSync(join(root, "src/one.ts"), "1");
    writeFileSync(join(root, "src/gen/made.ts"), "made itself");
    make();
    expect(times).toBe(1);
  });

  it.each<[string, () => void]>([
    ["a source has changed", () => writeFileSync(join(root, "src/one.ts"), "2")],
    ["a source was added", () => writeFileSync(join(root, "src/two.ts"), "")],
    ["a source was removed", () => rmSync(join(root, "src/one.ts"))],
    ["it is gone", () => rmSync(join(root, "made"))],
  ])("is made again, once, when %s", (_, change) => {
    change();
    make();
    make();
    expect(times).toBe(2);
  });

  it("is made again when making it has failed", () => {
    writeFileSync(join(root, "src/one.ts"), "2");
    const fail = () => {
      throw new Error("halfway");
    };
    expect(() => unlessFresh("made", ["made"], fail, root)).toThrow("halfway");
    writeFileSync(join(root, "src/one.ts"), "1");
    make();
    expect(times).toBe(2);
  });

  it("is known to be in the making to whoever looks meanwhile", () => {
    writeFileSync(join(root, "src/one.ts"), "2");
    const look = () => expect(readFileSync(join(root, "dist/.made-of/made"), "utf8")).toBe("");
    unlessFresh("made", ["made"], look, root);
    expect.assertions(1);
  });

  it("is made by one process alone, for which the others wait", async () => {
    const fresh = join(import.meta.dirname, "../../scripts/fresh.ts");
    const program = `
      import { appendFileSync, existsSync } from "node:fs";
      import { unlessFresh } from ${JSON.stringify(fresh)};
      unlessFresh("slow", ["slow"], () => {
        appendFileSync("begun", "1");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
        appendFileSync("slow", "1");
      }, process.cwd());
      console.log(existsSync("slow"));`;
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { cwd: root });
    const runs = await Promise.all([run(), run(), run()]);
    expect(runs.map(({ stdout }) => stdout)).toEqual(["true\n", "true\n", "true\n"]);
    expect(readFileSync(join(root, "begun"), "utf8")).toBe("1");
  });
});

describe("npm run generate", () => {
  it("leaves the pages as they are, which others may be serving", () => {
    const project = join(import.meta.dirname, "../..");
    const before = statSync(join(project, "dist/assets"));
    execFileSync(process.execPath, [join(project, "scripts/generate.ts")], { stdio: "pipe" });
    expect(statSync(join(project, "dist/assets"))).toMatchObject({ ino: before.ino, ctimeMs: before.ctimeMs });
  });
});
