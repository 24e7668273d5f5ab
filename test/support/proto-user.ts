import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** A folder that holds a copy of proto/ and nothing else, for somebody who generates a client. Goes with the tests of a file. */
export function protoUser(): string {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-protos-"));
  cpSync(join(ROOT, "proto"), join(folder, "proto"), { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What commands print, run in a folder, with the root's Node and buf. Throws if one of them fails. */
export async function bash(cwd: string, commands: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const path = `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
  const options = { cwd, env: { ...process.env, PATH: path, ...env } };
  return (await promisify(execFile)("bash", ["-e", "-c", commands], options)).stdout;
}
