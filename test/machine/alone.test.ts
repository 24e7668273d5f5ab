import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { alone } from "../../src/transfer/alone.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-alone-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Something that happens between a run's opening the lock and its taking it. */
function beforeItIsTaken(happens: () => void): void {
  const exec = DatabaseSync.prototype.exec;
  vi.spyOn(DatabaseSync.prototype, "exec").mockImplementationOnce(function (this: DatabaseSync, sql) {
    happens();
    exec.call(this, sql);
  });
}

it("a run that begins as another of the same file ends is refused in words, and the next one is not", async () => {
  const file = join(folder, "ends.jsonl");
  // As the other one does when it has ended.
  beforeItIsTaken(() => rmSync(`${file}.lock`));
  const work = vi.fn(async () => "done");
  await expect(alone(file, work)).rejects.toThrow("Another run is at work with");
  expect(work).not.toHaveBeenCalled();
  expect(await alone(file, work)).toBe("done");
});

it("a run that begins as another ends and a third begins is refused, though it has a lock on what was removed", async () => {
  const file = join(folder, "begins.jsonl");
  const third = Promise.withResolvers<string>();
  let ofThird: Promise<string> | undefined;
  beforeItIsTaken(() => {
    rmSync(`${file}.lock`);
    ofThird = alone(file, () => third.promise);
  });
  const work = vi.fn(async () => "done");
  await expect(alone(file, work)).rejects.toThrow("Another run is at work with");
  expect(work).not.toHaveBeenCalled();
  third.resolve("done");
  expect(await ofThird).toBe("done");
});
