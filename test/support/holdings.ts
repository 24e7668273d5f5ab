import type { Holding } from "../../src/worker/model/holding.ts";
import { holdersOf, lostAt } from "../../src/worker/storage/holdings.ts";

/** What a shard has of a device: those who have it, and those who have lost it. */
export function holdingsOf(kv: SyncKvStorage, device: string): Holding[] {
  const prefix = "lost/";
  const keys = Array.from(kv.list({ prefix: `${prefix}${device}/` }), ([key]) => key.slice(prefix.length));
  return [...holdersOf(kv, device), ...keys.flatMap((key) => lostAt(kv, key) ?? [])];
}
