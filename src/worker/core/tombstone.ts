import type { Endpoint, Row, Tombstone } from "../model/endpoint.ts";
import { TOMBSTONE_LIFETIME_MS } from "../model/limits.ts";

/** What is left of an endpoint that is deregistered now. */
export function tombstoneOf({ endpointId, clientRequestToken, rotations }: Endpoint, now: number): Tombstone {
  const expiresAt = now + TOMBSTONE_LIFETIME_MS;
  return { state: "deregistered", endpointId, clientRequestToken, expiresAt, ...(rotations && { rotations }) };
}

export function isLive(row: Row): row is Endpoint {
  return row.state === "live";
}

export function isTombstone(row: Row): row is Tombstone {
  return row.state === "deregistered";
}

/** The clock ends a tombstone, not the purge: an expired one is as good as absent. */
export function isExpired(row: Row, now: number): row is Tombstone {
  return isTombstone(row) && row.expiresAt <= now;
}

/** When the first of some tombstones expires; there must be one. */
export function firstExpiry(tombstones: readonly Tombstone[]): number {
  return Math.min(...tombstones.map(({ expiresAt }) => expiresAt));
}
