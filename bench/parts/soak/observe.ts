/** What a machine that serves holds at one moment, as the kernel accounts it. */

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DIRECTORY_KEY, UNIQUE_KEY } from "../../../src/serve/workerd/config.ts";
import { OBJECTS } from "../../../src/serve/workerd/folders.ts";
import { openFiles, residentBytes, threads } from "../../load/account.ts";

/** Of one process. */
export interface Held {
  readonly memoryMiB: number;
  readonly files: number;
  readonly threads: number;
}

/** What is kept for good, and grows with users and their phones. */
export interface Kept {
  /** Those who have a database. */
  readonly users: number;
  readonly usersMiB: number;
  readonly directoryMiB: number;
}

const MIB = 2 ** 20;

export function heldBy(pid: number): Held {
  return { memoryMiB: residentBytes(pid) / MIB, files: openFiles(pid), threads: threads(pid) };
}

/** By a process of its own, so that no call waits for it: there are many files. */
export async function keptIn(data: string): Promise<Kept> {
  const [users, directory] = [UNIQUE_KEY, DIRECTORY_KEY].map((key) => join(data, OBJECTS, key));
  return {
    users: readdirSync(users ?? "").filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)).length,
    usersMiB: await mebibytesOf(users ?? ""),
    directoryMiB: await mebibytesOf(directory ?? ""),
  };
}

/** Files come and go meanwhile, of which `du` complains. */
async function mebibytesOf(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)("nice", ["du", "-s", "-B1", folder]).catch((error) => error);
  return Number.parseInt(stdout, 10) / MIB;
}
