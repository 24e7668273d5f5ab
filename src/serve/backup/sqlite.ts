import type { DatabaseSync } from "node:sqlite";
import { CopyError } from "./copy-error.ts";

/** Opens a database with the SQLite of Node, which is asked for only here: a server runs on a Node that has none. */
export function openDatabase(file: string): DatabaseSync {
  const sqlite = process.getBuiltinModule("node:sqlite");
  if (sqlite === undefined) {
    throw new CopyError(`Copying needs the SQLite that Node has since 22.13; this is ${process.version}.`);
  }
  return new sqlite.DatabaseSync(file);
}
