import type { Changes } from "../model/changes.ts";
import type { Row, Tombstone } from "../model/endpoint.ts";
import { PURGE_PAUSE_MS, TOMBSTONE_LIFETIME_MS } from "../model/limits.ts";
import { firstExpiry, isExpired, isTombstone } from "./tombstone.ts";

/**
 * Decides a purge, given all of the user's rows: what has expired goes, and while a tombstone is left the purge comes
 * again. It may come early, late or twice, for nothing but the room that tombstones take depends on it.
 */
export function decidePurge(rows: readonly Row[], now: number): Changes {
  const tombstones = rows.filter(isTombstone);
  const drop = tombstones.filter((tombstone) => isExpired(tombstone, now)).map(({ endpointId }) => endpointId);
  const left = tombstones.filter((tombstone) => !isExpired(tombstone, now));
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
