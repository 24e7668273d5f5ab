import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { sinkOf } from "../../src/transfer/export/sink.ts";

afterEach(() => vi.restoreAllMocks());

it("an export goes on with the page that a full disk had room for by half", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-sink-"));
  const settings = { url: "http://localhost", appInstanceArn: "arn:of-one", out: join(folder, "out.jsonl") };
  const pages = ["„one“\n", "„two“\n", "„three“\n"] as const;
  const written = (count: number, nextToken: string) => ({ nextToken, written: count, gone: 0 });

  const stopped = await sinkOf(settings);
  await stopped.append(pages[0], written(1, "second"));
  await isFullAfter(pages[1].slice(0, 3), join(folder, "any"));
  await expect(stopped.append(pages[1], written(2, "third"))).rejects.toThrow("ENOSPC");

  const next = await sinkOf(settings);
  expect(next.begin).toEqual(written(1, "second"));
  await next.append(pages[1], written(2, "third"));
  await next.append(pages[2], written(3, ""));
  expect(readFileSync(settings.out, "utf8")).toBe(pages.join(""));
  rmSync(folder, { recursive: true });
});

/** Has the disk be full once something more is written. Node tells its class of open files by one that is open alone. */
async function isFullAfter(text: string, anyFile: string): Promise<void> {
  const any = await open(anyFile, "w");
  const { appendFile } = any;
  await any.close();
  vi.spyOn(Object.getPrototypeOf(any), "appendFile").mockImplementationOnce(async function (this: FileHandle) {
    await appendFile.call(this, text);
    await this.close();
    throw new Error("ENOSPC");
  });
}
