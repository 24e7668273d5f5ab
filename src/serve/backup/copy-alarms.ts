import { copyDatabase } from "./copy-database.ts";
import { CopyError } from "./copy-error.ts";
import { openDatabase } from "./sqlite.ts";

/** When each object is to be woken, in nanoseconds since 1970, by its id. */
export type Alarms = ReadonlyMap<string, bigint>;

/**
 * Copies the list by which workerd wakes objects, and has it say what the copied objects say: each knows its own alarm, and the list may
 * be of another moment than they are. Nobody would ever wake an object that waits for an alarm and is not on the list. Throws CopyError where objects wait and there is no list.
 */
export async function copyAlarms(file: string, copy: string, desk: string, alarms: Alarms): Promise<void> {
  if ((await copyDatabase(file, copy, desk)) === undefined) {
    if (alarms.size > 0) {
      throw new CopyError(`${file}, by which ${alarms.size} objects are woken, is missing or empty.`);
    }
    return;
  }
  const list = openDatabase(copy);
  try {
    const names = new Map(list.prepare("SELECT actor_id, actor_name FROM _cf_ALARM").all().map(nameOf));
    list.exec("PRAGMA synchronous = OFF; BEGIN; DELETE FROM _cf_ALARM");
    const insert = list.prepare("INSERT INTO _cf_ALARM (actor_id, scheduled_time, actor_name) VALUES (?, ?, ?)");
    for (const [id, at] of alarms) {
      insert.run(id, at, names.get(id) ?? null);
    }
    list.exec("COMMIT; VACUUM");
  } finally {
    list.close();
  }
}

function nameOf(row: Record<string, unknown>): [string, string | null] {
  return [row.actor_id as string, row.actor_name as string | null];
}
