import type { Changes } from "../model/changes.ts";
import type { HeldDevice, Row, Tombstone } from "../model/endpoint.ts";
import { PURGE_PAUSE_MS, SHARDS_A_PURGE_MAX, TOMBSTONE_LIFETIME_MS } from "../model/limits.ts";
import { firstExpiry, isExpired, isTombstone } from "./tombstone.ts";

/** What has expired, as far as no more shards have to hear of it than one purge may call. */
export function expiredWithin(
  rows: readonly Row[],
  now: number,
  shardOf: (device: HeldDevice["device"]) => string,
): Tombstone[] {
  let shards: ReadonlySet<string> = new Set();
  return rows.filter((row): row is Tombstone => {
    if (!isExpired(row, now)) {
      return false;
    }
    const all = new Set([...shards, ...(row.held ?? []).map(({ device }) => shardOf(device))]);
    const fits = all.size <= SHARDS_A_PURGE_MAX;
    shards = fits ? all : shards;
    return fits;
  });
}

/**
 * Decides a purge, given all of the user's rows: what has expired goes, or as much of it as is given, and while a tombstone
 * is left the purge comes again. It may come early, late or twice, for nothing but the room that tombstones take depends on it.
 */
export function decidePurge(
  rows: readonly Row[],
  now: number,
  expired: readonly Row[] = rows.filter((row) => isExpired(row, now)),
): Changes {
  const ids = new Set(expired.map(({ endpointId }) => endpointId));
  // Some of them may have made way for an endpoint since they were found.
  const drop = rows.map(({ endpointId }) => endpointId).filter((endpointId) => ids.has(endpointId));
  const left = rows.filter(isTombstone).filter(({ endpointId }) => !ids.has(endpointId));
  return { drop, purgeAt: left.length === 0 ? undefined : Math.max(firstExpiry(left), now + PURGE_PAUSE_MS) };
}

/**
 * When the purge is to come once new tombstones join the rows. The first ones call it, later ones find it called; unless
 * one lies there that it should have taken long ago: then it was lost, and is called again, at once.
 */
export function purgeAtWith(added: readonly Tombstone[], rows: readonly Row[], now: number): number | undefined {
  const tombstones = rows.filter(isTombstone);
  const isLost = tombstones.some(({ expiresAt }) => expiresAt + PURGE_OVERDUE_MS <= now);
  const isCalled = tombstones.length > 0 && !isLost;
  return added.length === 0 || isCalled ? undefined : firstExpiry([...tombstones, ...added]);
}

/** A purge that works is never as late: not by its pause, nor by the runtime's own tries again, which end after minutes. */
const PURGE_OVERDUE_MS = TOMBSTONE_LIFETIME_MS;
