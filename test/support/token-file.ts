import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localToken } from "../../src/command/local.ts";

/** Little more than a session needs, so that credentials for it expire while a test waits. */
const LIFE_S = 70;
const WRITTEN_EVERY_MS = 5_000;

/** A file that holds a user's token, as AWS SDKs are told of one. */
export interface TokenFile {
  readonly path: string;
  stop(): void;
}

/** Keeps a token in a file that is good for a minute and a little more, whenever it is read. */
export async function keepToken(user: string): Promise<TokenFile> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-token-"));
  const path = join(folder, "token");
  const write = async () => {
    writeFileSync(`${path}.new`, await localToken(user, `${LIFE_S} seconds`));
    // At once, so that nobody reads half of it.
    renameSync(`${path}.new`, path);
  };
  await write();
  const timer = setInterval(write, WRITTEN_EVERY_MS);
  return {
    path,
    stop: () => {
      clearInterval(timer);
      rmSync(folder, { recursive: true });
    },
  };
}

/** All that an AWS SDK is told, so that it fetches credentials from a server by the token in a file. */
export function containerCredentials(url: string, path: string): Record<string, string> {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
