import type { DatabaseSync } from "node:sqlite";
import { CopyError } from "./copy-error.ts";

/** Opens a database. Throws CopyError where there is no SQLite to open it with. */
export function openDatabase(file: string): DatabaseSync {
  const { DatabaseSync } = sqliteOfNode();
  return new DatabaseSync(file);
}

/** The SQLite of Node, which is asked for only here: a server runs on a Node that has none. Throws CopyError there. */
export function sqliteOfNode() {
  const sqlite = process.getBuiltinModule("node:sqlite");
  if (sqlite === undefined) {
    throw new CopyError(`Copying needs the SQLite that Node has since 22.13; this is ${process.version}.`);
  }
  return sqlite;
}
