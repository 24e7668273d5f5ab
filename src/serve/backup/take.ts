/** Reads a database of workerd's that it may be writing to. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { CopyError } from "./copy-error.ts";

/** A database as SQLite opens it: its file, and the log of what is not in the file yet, which may be empty. */
export interface Taken {
  readonly database: Buffer;
  readonly log: Buffer;
}

/** What a log begins with: two of its numbers are drawn anew each time that it begins from its start. */
const LOG_HEADER_BYTES = 32;

/** What is in the way is over within milliseconds: the log is written back to the file, or the object is erased. */
const TRIES_MAX = 400;
const TRY_AGAIN_MS = 5;

/**
 * Everything that was committed before, and nothing by halves; undefined where nothing ever was. It takes no lock: workerd waits for none,
 * and would fail a call that comes upon one.
 *
 * The file changes only while the log is written back to it, and is whole together with a log that has not begun anew since. So
 * file and log are read between two looks at the log's beginning; and where there is no log, the file is read twice.
 * Source: sqlite.org/walformat.html
 */
export async function take(file: string, read = readIfThere): Promise<Taken | undefined> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const before = headerOf(read(`${file}-wal`));
    const database = read(file);
    const log = read(`${file}-wal`);
    const isOne = before.length > 0 ? headerOf(read(`${file}-wal`)).equals(before) : read(file).equals(database);
    if (isOne && headerOf(log).equals(before)) {
      return database.length === 0 ? undefined : { database, log };
    }
    await wait(TRY_AGAIN_MS);
  }
  throw new CopyError(`${file} changes faster than it can be read`);
}

function headerOf(log: Buffer): Buffer {
  return log.subarray(0, log.length < LOG_HEADER_BYTES ? 0 : LOG_HEADER_BYTES);
}

/** What is not there is empty. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return Buffer.alloc(0);
    }
    throw error;
  }
}
