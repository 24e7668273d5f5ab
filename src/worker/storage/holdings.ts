/**
 * The rows of one shard of the Directory: the only code that knows its keys and records.
 *
 * A holding is a row under its device and its user, so that all of a device, and all of an app instance, are one range. A user who has yet
 * to hear of a loss is named by a row besides: the alarm finds those without reading all the others.
 */
import type { Listed } from "../model/directory-calls.ts";
import type { Holding } from "../model/holding.ts";

const DEVICES = "device/";
const LOSERS = "loser/";

/** The version of the stored layout: see storage/rows. */
const VERSION = 1;

type Stored = Omit<Holding, "device" | "user"> & { readonly version: typeof VERSION };

/** When a loser is to be told, in milliseconds since 1970, and how often that has failed. */
export interface Due {
  readonly at: number;
  readonly failures: number;
}

/** How many are looked at: more users than that lose a device at once only if somebody takes all of an app's. */
const DUE_MAX = 10_000;

/** What a row is found by, behind the word that says of which kind it is. */
function keyOf({ device, user }: Pick<Holding, "device" | "user">): string {
  return `${device}/${user}`;
}

/** All holdings of a device, in the order of their users' hashes. */
export function holdingsOf(kv: SyncKvStorage, device: string): Holding[] {
  return Array.from(kv.list<Stored>({ prefix: `${DEVICES}${device}/` }), ([key, stored]) => holdingFrom(key, stored));
}

export function holdingAt(kv: SyncKvStorage, key: string): Holding | undefined {
  const stored = kv.get<Stored>(DEVICES + key);
  return stored && holdingFrom(DEVICES + key, stored);
}

/** Some holdings of an app instance in the order of their keys, after one of them, or from the first ("") on. */
export function listHoldings(kv: SyncKvStorage, instance: string, after: string, limit: number): Listed[] {
  const range = after === "" ? {} : { startAfter: DEVICES + after };
  const rows = kv.list<Stored>({ prefix: `${DEVICES}${instance}/`, ...range, limit });
  return Array.from(rows, ([key, stored]) => ({
    key: key.slice(DEVICES.length),
    holding: holdingFrom(key, stored),
  }));
}

/** Writes a holding in place of the same user's; one that is lost is to be told from `now` on. */
export function putHolding(kv: SyncKvStorage, holding: Holding, now: number): void {
  const key = keyOf(holding);
  const { device: _, user: __, ...stored } = holding;
  const wasLost = kv.get<Stored>(DEVICES + key)?.isLost === true;
  kv.put<Stored>(DEVICES + key, { version: VERSION, ...stored });
  if (holding.isLost) {
    putDue(kv, key, { at: now, failures: 0 });
  } else if (wasLost) {
    dropDue(kv, key);
  }
}

export function dropHolding(kv: SyncKvStorage, holding: Holding): void {
  const key = keyOf(holding);
  kv.delete(DEVICES + key);
  if (holding.isLost) {
    dropDue(kv, key);
  }
}

/** The losers who have yet to hear of it, by the keys of their holdings. There are few, unless many can't be reached. */
export function dueLosers(kv: SyncKvStorage): [key: string, due: Due][] {
  return Array.from(kv.list<Due>({ prefix: LOSERS, limit: DUE_MAX }), ([key, due]) => [key.slice(LOSERS.length), due]);
}

export function putDue(kv: SyncKvStorage, key: string, due: Due): void {
  kv.put<Due>(LOSERS + key, due);
}

/** The loser has been told, or has lost nothing any more. */
export function dropDue(kv: SyncKvStorage, key: string): void {
  kv.delete(LOSERS + key);
}

/** "device/INSTANCE/DEVICE/USER" */
function holdingFrom(key: string, { version: _, ...stored }: Stored): Holding {
  const end = key.lastIndexOf("/");
  return { device: key.slice(DEVICES.length, end), user: key.slice(end + 1), ...stored };
}
