import { closeSync, fstatSync, openSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Stopped } from "./stopped.ts";

/** SQLITE_BUSY: somebody else has it. */
const BUSY = 5;

/**
 * Does what no two processes may do with a file at the same time. Throws Stopped where another one is at it.
 *
 * What is locked is an empty database of SQLite beside the file, for Node has no other lock that the operating system takes back from
 * a process that was killed. So one that is left there locks nobody out, and no process is taken for another by its id.
 */
export async function alone<T>(file: string, work: () => Promise<T>): Promise<T> {
  const path = `${file}.lock`;
  const opened = openSync(path, "a", 0o600);
  const lock = new DatabaseSync(path);
  try {
    const isStill = () => isFile(path, opened);
    if (!(isTaken(lock, isStill) && isStill())) {
      throw new Stopped(`Another run is at work with ${file}. Wait for its end.`);
    }
    try {
      return await work();
    } finally {
      rmSync(path);
    }
  } finally {
    lock.close();
    // Not before: the first of a file's descriptors that is closed gives up all locks of the process on it.
    closeSync(opened);
  }
}

/** Who had it before may remove it in the middle of this: then SQLite has no word of its own for it, and it is as good as had. */
function isTaken(lock: DatabaseSync, isStill: () => boolean): boolean {
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === BUSY;
    if (isBusy || !isStill()) {
      return false;
    }
    throw error;
  }
}

/** Whether what was opened still is what others open by that path. */
function isFile(path: string, opened: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(opened).ino;
}
