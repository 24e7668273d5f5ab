import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { writeAnew } from "../../src/serve/workerd/folders.ts";

it("a file that two servers write at once, as they start, is there and whole all the time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-folders-"));
  const file = join(folder, "config.capnp");
  const text = "whole".repeat(1_000);
  writeAnew(file, text);
  const program = `
    import { readFileSync } from "node:fs";
    import { writeAnew } from ${JSON.stringify(join(import.meta.dirname, "../../src/serve/workerd/folders.ts"))};
    const [file, text] = process.argv.slice(1);
    let torn = 0;
    for (let n = 0; n < 500; n++) {
      writeAnew(file, text);
      torn += Number(readFileSync(file, "utf8") !== text);
    }
    console.log(torn);`;
  const write = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program, file, text]);
  const writers = await Promise.all([write(), write()]);
  expect(writers.map(({ stdout }) => stdout)).toEqual(["0\n", "0\n"]);
  expect([readdirSync(folder), readFileSync(file, "utf8")]).toEqual([["config.capnp"], text]);
  rmSync(folder, { recursive: true });
});
