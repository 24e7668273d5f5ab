/** What users leave on the disk, read while no workerd runs on it. */
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Of each user's database in a folder of data: its size, and its rows as Cloudflare bills them. */
export interface UserFile {
  readonly path: string;
  readonly bytes: number;
  /** The length of each value. */
  readonly rows: readonly number[];
}

/** The namespace has a database of its own, which is no user's; names of users' are hexadecimal. */
export function userFiles(data: string): UserFile[] {
  return globSync(join(data, "objects/*/*.sqlite"))
    .filter((path) => /\/[0-9a-f]{64}\.sqlite$/.test(path))
    .map((path) => ({ path, bytes: statSync(path).size, rows: rowsOf(path) }));
}

function rowsOf(path: string): number[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare("SELECT length(value) AS bytes FROM _cf_KV")
      .all()
      .map(({ bytes }) => Number(bytes));
  } finally {
    database.close();
  }
}
