/** What lies in the folder with a register's data. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
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
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw new NotServedError(`Data can't be kept in ${data}: ${(error as Error).message}`);
  }
}
