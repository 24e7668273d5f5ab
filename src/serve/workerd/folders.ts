/** What lies in the folder with a register's data. */
import { randomUUID } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { NotServedError } from "./not-served-error.ts";

/** A folder for each class of objects, with a database for each object. */
export const OBJECTS = "objects";

/** What will be `OBJECTS` once it is whole: a copy that is being made. Nothing serves it, or takes it for a register. */
export const UNFINISHED = "unfinished";

/**
 * Has the folders outlast a power cut. workerd syncs users' files and their names, but not the names of the folders
 * that they are in.
 */
export function keepFolders(data: string): void {
  for (const folder of [join(data, OBJECTS), data, dirname(resolve(data))]) {
    const descriptor = openSync(folder, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}

/** Node's own way of making the folders above never ends where the system will have none, such as in /proc. */
export function makeFolder(folder: string, data: string): void {
  if (existsSync(folder)) {
    return;
  }
  if (dirname(folder) !== folder) {
    makeFolder(dirname(folder), data);
  }
  keeping(data, () => mkdirSync(folder, { mode: 0o700 }));
}

/**
 * Throws NotServedError if one of the folders is there and may not be written to, as where root has restored it. workerd may
 * start all the same, and fail call by call.
 */
export function checkFolders(folders: readonly string[], data: string): void {
  for (const folder of folders.filter((each) => existsSync(each))) {
    keeping(data, () => accessSync(folder, constants.W_OK | constants.X_OK));
  }
}

/**
 * Writes a file in the place of another one, if there is one, in one step: another server may start on the folder at the same time. Others may
 * be able to write to the folder: where they have put a link there, what it leads to stays as it is.
 */
export function writeAnew(file: string, text: string): void {
  const whole = `${file}.${randomUUID()}`;
  try {
    writeFileSync(whole, text, { flag: "wx", mode: 0o600 });
    renameSync(whole, file);
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  }
}

/** Opens a file that is there for its lock alone, and makes it if it is not there: never what a link leads to. */
export function openLock(file: string, data: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  return keeping(data, () => openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600));
}

/** Makes something in the folder. Throws NotServedError where the system refuses it. */
export function keeping<Result>(data: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    throw new NotServedError(`Data can't be kept in ${data}: ${(error as Error).message}`);
  }
}
