import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, vi } from "vitest";
import { alone } from "../../src/transfer/alone.ts";

it("a run that begins as another of the same file ends is refused in words, and the next one is not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-alone-"));
  const file = join(folder, "endpoints.jsonl");
  const exec = DatabaseSync.prototype.exec;
  const spied = vi.spyOn(DatabaseSync.prototype, "exec").mockImplementationOnce(function (this: DatabaseSync, sql) {
    // As the other one does when it has ended.
    rmSync(`${file}.lock`);
    exec.call(this, sql);
  });
  const work = vi.fn(async () => "done");
  await expect(alone(file, work)).rejects.toThrow("Another run is at work with");
  spied.mockRestore();
  expect(work).not.toHaveBeenCalled();
  expect(await alone(file, work)).toBe("done");
  rmSync(folder, { recursive: true });
});
