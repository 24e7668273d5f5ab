import type { Holding } from "../../src/worker/model/holding.ts";
import { holdersOf, holdingOf, lostAt, putHolding } from "../../src/worker/storage/holdings.ts";

/** What a shard has of a device: those who have it, and those who have lost it. */
export function holdingsOf(kv: SyncKvStorage, device: string): Holding[] {
  const prefix = "lost/";
  const keys = Array.from(kv.list({ prefix: `${prefix}${device}/` }), ([key]) => key.slice(prefix.length));
  return [...holdersOf(kv, device), ...keys.flatMap((key) => lostAt(kv, key) ?? [])];
}

/** Writes a holding in place of what the user has, whatever that is. */
export function write(kv: SyncKvStorage, holding: Holding, now: number): void {
  putHolding(kv, holding, holdingOf(kv, holding), now);
}
