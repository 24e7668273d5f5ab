import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { serve } from "../support/server.ts";

const root = join(import.meta.dirname, "../..");
const server = serve();
const run = promisify(execFile);

interface Example {
  readonly language: string;
  readonly code: string;
  /** The block after it. */
  readonly answer: string;
}

/** The code blocks of the README, each with the block that follows it. */
function examples(): Example[] {
  const blocks = Array.from(readFileSync(join(root, "README.md"), "utf8").matchAll(/^```(\w*)\n(.*?)^```$/gms));
  return blocks.map(([, language = "", code = ""], index) => ({
    language,
    code,
    answer: blocks[index + 1]?.[2] ?? "",
  }));
}

function example(language: string, word: string): Example {
  return (
    examples().find(({ language: of, code }) => of === language && code.includes(word)) ?? expect.fail(`no ${word}`)
  );
}

/** An example as printed, but for where the server is. */
function here(code: string): string {
  expect(code).toContain("http://localhost:8787");
  return code.replaceAll("http://localhost:8787", server.url);
}

/** Ids differ from call to call, and nothing else does. */
function withoutIds(text: string): string {
  return text.trim().replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "an id");
}

async function token(user: string): Promise<string> {
  const { stdout } = await run("npm", ["run", "--silent", "token", "--", user], { cwd: root });
  return stdout.trim();
}

describe("the README", () => {
  it("has an example for curl that answers as printed", async () => {
    const { code, answer } = example("sh", "curl");
    const { stdout } = await run("bash", ["-c", here(code)], { cwd: root });
    expect(withoutIds(stdout)).toBe(withoutIds(answer));
  });

  it("has an example for TypeScript that answers as printed", async () => {
    const { code, answer } = example("ts", "createClient");
    const printed = vi.spyOn(console, "log").mockImplementation(() => {});
    vi.stubEnv("TOKEN", await token("alice"));
    // Its imports are relative to the project.
    const file = join(root, `.readme-example-${process.pid}.ts`);
    try {
      writeFileSync(file, here(code));
      await import(file);
      expect(withoutIds(printed.mock.calls.flat().join("\n"))).toBe(withoutIds(answer));
    } finally {
      rmSync(file);
      vi.unstubAllEnvs();
      vi.restoreAllMocks();
    }
  });

  it("shows what npm start says to try", () => {
    expect(example("sh", "npm start").code).toBe("npm ci\nnpm start\n");
  });
});
