import { rmSync, writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { CopyError } from "./copy-error.ts";
import { openDatabase } from "./sqlite.ts";
import { take } from "./take.ts";

/** What became of a database: the object's alarm, in nanoseconds since 1970, where one is set. */
export interface Copied {
  readonly alarmAt?: bigint;
}

/**
 * Copies a database that may be in use, and answers undefined where there is nothing to copy. The copy has what was committed and nothing else: SQLite
 * writes it anew, without the pages and gaps in which deleted rows still stand. `desk` is a file that it may work in.
 */
export async function copyDatabase(file: string, copy: string, desk: string): Promise<Copied | undefined> {
  const taken = await take(file);
  if (taken === undefined) {
    return undefined;
  }
  writeFileSync(desk, taken.database);
  if (taken.log.length > 0) {
    writeFileSync(`${desk}-wal`, taken.log);
  }
  const database = openDatabase(desk);
  try {
    // What is on the desk may be lost, and the copies are synced together at the end.
    database.exec("PRAGMA synchronous = OFF");
    check(database, file);
    database.prepare("VACUUM INTO ?").run(copy);
    return alarmOf(database);
  } catch (error) {
    throw error instanceof CopyError ? error : new CopyError(`${file} can't be copied: ${(error as Error).message}`);
  } finally {
    database.close();
    rmSync(desk);
  }
}

function check(database: DatabaseSync, file: string): void {
  const found = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
  if (found !== "ok") {
    throw new CopyError(`${file} is damaged: ${found}`);
  }
}

/** Where workerd keeps it. Source: src/workerd/util/sqlite-metadata.c++ in workerd */
function alarmOf(database: DatabaseSync): Copied {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_cf_METADATA'").get() === undefined) {
    return {};
  }
  const statement = database.prepare("SELECT value FROM _cf_METADATA WHERE key = 1");
  statement.setReadBigInts(true);
  const at = statement.get()?.value;
  return typeof at === "bigint" ? { alarmAt: at } : {};
}
