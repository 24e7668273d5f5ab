import { describe, expect, it } from "vitest";
import { decidePurge, expiredWithin } from "../../../src/worker/core/purge.ts";
import { PURGE_PAUSE_MS, SHARDS_A_PURGE_MAX, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const EXPIRED = NOW - TOMBSTONE_LIFETIME_MS;

describe("decidePurge", () => {
  it("drops what has expired, and comes again for what is left", () => {
    const left = tombstone(4, EXPIRED + 2 * PURGE_PAUSE_MS);
    expect(decidePurge([tombstone(1, EXPIRED), endpoint(2), tombstone(3, EXPIRED - 1), left], NOW)).toEqual({
      drop: [idOf(1), idOf(3)],
      purgeAt: left.expiresAt,
    });
  });

  it("lets what expires soon gather", () => {
    expect(decidePurge([tombstone(1, EXPIRED + 1), tombstone(2, EXPIRED + 2)], NOW)).toEqual({
      drop: [],
      purgeAt: NOW + PURGE_PAUSE_MS,
    });
  });

  it("drops nothing that has made way for an endpoint since it was found", () => {
    const expired = [tombstone(1, EXPIRED), tombstone(2, EXPIRED)];
    expect(decidePurge([tombstone(2, EXPIRED), endpoint(3)], NOW, expired)).toEqual({ drop: [idOf(2)] });
  });

  it("does not come again for endpoints", () => {
    expect(decidePurge([endpoint(1), tombstone(2, EXPIRED)], NOW)).toEqual({ drop: [idOf(2)] });
    expect(decidePurge([], NOW)).toEqual({ drop: [] });
  });
});

describe("a user whose devices are in all shards of the Directory", () => {
  const shardOf = (device: string) => device;
  const rows = Array.from({ length: 64 }, (_, n) => ({
    ...tombstone(n, EXPIRED),
    held: [
      { device: `shard ${n}`, at: NOW },
      { device: `shard ${n - (n % 2)}`, at: NOW },
    ],
  }));

  it("is purged in parts, each of which calls no more shards than a request may", () => {
    const first = expiredWithin(rows, NOW, shardOf);
    expect(new Set(first.flatMap(({ held = [] }) => held.map(({ device }) => device))).size).toBe(SHARDS_A_PURGE_MAX);
    const purge = decidePurge(rows, NOW, first);
    expect(purge).toEqual({ drop: first.map(({ endpointId }) => endpointId), purgeAt: NOW + PURGE_PAUSE_MS });

    const left = rows.filter(({ endpointId }) => !purge.drop?.includes(endpointId));
    expect(expiredWithin(left, NOW + PURGE_PAUSE_MS, shardOf)).toEqual(left);
  });
});
