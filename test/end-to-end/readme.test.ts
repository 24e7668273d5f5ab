import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { serve } from "../support/server.ts";

const root = join(import.meta.dirname, "../..");
const server = serve();
const run = promisify(execFile);

async function token(user: string): Promise<string> {
  const { stdout } = await run("npm", ["run", "--silent", "token", "--", user], { cwd: root });
  return stdout.trim();
}

describe("the README", () => {
  it("has an example for curl that answers as printed", async () => {
    const { code, answer } = exampleOf("README.md", "sh", "curl");
    const { stdout } = await run("bash", ["-c", at(server.url, code)], { cwd: root });
    expect(withoutIds(stdout)).toBe(withoutIds(answer));
  });

  it("has an example for TypeScript that answers as printed", async () => {
    const { code, answer } = exampleOf("README.md", "ts", "createRollcallClient");
    // Its imports are relative to the project.
    const file = join(root, `.readme-example-${process.pid}.ts`);
    try {
      writeFileSync(file, at(server.url, code));
      const { stdout } = await run(process.execPath, [file], { env: { ...process.env, TOKEN: await token("alice") } });
      expect(withoutIds(stdout)).toBe(withoutIds(answer));
    } finally {
      rmSync(file);
    }
  });

  it("shows what npm start says to try", () => {
    expect(exampleOf("README.md", "sh", "npm start").code).toBe("npm ci\nnpm start\n");
  });
});
