import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

export interface Example {
  readonly language: string;
  readonly code: string;
  /** The block after it. */
  readonly answer: string;
}

/** The code blocks of a page, each with the block that follows it. */
export function examplesOf(page: string): Example[] {
  const blocks = Array.from(readFileSync(join(ROOT, page), "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms));
  return blocks.map(([, language = "", code = ""], index) => ({
    language,
    code,
    answer: blocks[index + 1]?.[2] ?? "",
  }));
}

/** The first example of a page that is in this language and has this word. */
export function exampleOf(page: string, language: string, word: string): Example {
  const found = examplesOf(page).find(({ language: of, code }) => of === language && code.includes(word));
  return found ?? expect.fail(`${page} has no ${word}`);
}

/** An example as printed, but for where the server is. */
export function at(url: string, code: string): string {
  expect(code).toContain("http://localhost:8787");
  return code.replaceAll("http://localhost:8787", url);
}

/** Ids differ from call to call, and nothing else does. */
export function withoutIds(text: string): string {
  return text.trim().replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "an id");
}
