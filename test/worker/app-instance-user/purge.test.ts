import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import {
  DEREGISTRATIONS_FREE_MAX,
  PURGE_PAUSE_MS,
  REGISTRATIONS_AFTER_MAX,
  ROWS_PER_USER_MAX,
  SHARDS_A_PURGE_MAX,
  TOMBSTONE_LIFETIME_MS,
} from "../../../src/worker/model/limits.ts";
import type { Answer } from "../../../src/worker/model/user-rpcs.ts";
import { SHARDS } from "../../../src/worker/objects/device-key.ts";
import { loadRows } from "../../../src/worker/storage/rows.ts";
import { deregistering, device } from "../../support/requests.ts";
import { idOf, NOW, tombstone } from "../../support/rows.ts";
import { freshUser, registerDevice, store, stored, type User, writesOf } from "../../support/user-object.ts";

const HOUR_MS = 3_600_000;

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

/** A user who deregistered the first device at NOW. */
async function userWithTombstone(): Promise<User> {
  const user = freshUser();
  await user.deregisterAppInstanceUserEndpoint(deregistering(await registerDevice(user, 1)));
  return user;
}

function databaseBytes(user: User): Promise<number> {
  return runInDurableObject(user, (_, { storage }) => storage.sql.databaseSize);
}

/** The endpoint that an answer names, whichever way. */
function idIn(answer: Answer<{ endpointId: string }>): string | undefined {
  return answer.kind === "ok" ? answer.response.endpointId : "endpointId" in answer ? answer.endpointId : undefined;
}

describe("the purge", () => {
  it("drops what has expired, keeps the rest, and comes again for that", async () => {
    const user = await userWithTombstone();
    const live = await registerDevice(user, 2);
    vi.setSystemTime(NOW + 5 * HOUR_MS);
    const later = await registerDevice(user, 3);
    await user.deregisterAppInstanceUserEndpoint(deregistering(later));
    const before = await stored(user);
    expect(before.alarm).toBe(NOW + TOMBSTONE_LIFETIME_MS);

    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    expect(await runDurableObjectAlarm(user)).toBe(true);
    const after = { rows: before.rows.slice(1), alarm: NOW + 5 * HOUR_MS + TOMBSTONE_LIFETIME_MS };
    expect(after.rows.map(({ endpointId }) => endpointId)).toEqual([live, later]);
    expect(await stored(user)).toEqual(after);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual(after);
  });

  it("leaves nothing behind of a user who has nothing left", async () => {
    const untouched = await databaseBytes(freshUser());
    const user = await userWithTombstone();
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    await runDurableObjectAlarm(user);

    expect(await stored(user)).toEqual({ rows: [], alarm: null });
    expect(await databaseBytes(user)).toBe(untouched);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });

  it("lets the same living object register again, and be purged again", async () => {
    const user = await userWithTombstone();
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    const [, endpointId] = await Promise.all([runDurableObjectAlarm(user), registerDevice(user, 1)]);

    const [row, ...others] = (await stored(user)).rows;
    expect({ row, others }).toMatchObject({ row: { state: "live", endpointId }, others: [] });
    await evictDurableObject(user);
    expect((await stored(user)).rows).toEqual([row]);

    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
    vi.setSystemTime(NOW + 2 * TOMBSTONE_LIFETIME_MS);
    expect(await runDurableObjectAlarm(user)).toBe(true);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });

  it.each([
    ["is refused until the last millisecond of its tombstone", -1, "ENDPOINT_DEREGISTERED"],
    ["makes one endpoint from then on", 0, "ok"],
  ])("races with a retry, which %s", async (_, ms, outcome) => {
    const user = await userWithTombstone();
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS + ms);
    const retries = () => Array.from({ length: 8 }, () => user.registerAppInstanceUserEndpoint(device(1)));
    const [before, , after] = await Promise.all([
      Promise.all(retries()),
      runDurableObjectAlarm(user),
      Promise.all(retries()),
    ]);
    const answers = [...before, ...after];
    expect(answers.map((answer) => (answer.kind === "ok" ? answer.kind : answer.reason))).toEqual(
      Array(16).fill(outcome),
    );
    const { rows } = await stored(user);
    expect(new Set(answers.map((answer) => idIn(answer)))).toEqual(new Set(rows.map(({ endpointId }) => endpointId)));
    expect(rows).toHaveLength(1);
  });

  it("drops a whole cap of tombstones in one batch", async () => {
    const user = freshUser();
    await store(
      user,
      Array.from({ length: ROWS_PER_USER_MAX }, (_, n) => tombstone(n, NOW - n)),
    );
    await runInDurableObject(user, (_, { storage }) => storage.setAlarm(NOW + TOMBSTONE_LIFETIME_MS));

    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS - 1);
    expect(await writesOf(user, () => runDurableObjectAlarm(user))).toBeLessThanOrEqual(ROWS_PER_USER_MAX + 2);
    expect(await stored(user)).toEqual({
      rows: [tombstone(0, NOW)],
      alarm: NOW + TOMBSTONE_LIFETIME_MS - 1 + PURGE_PAUSE_MS,
    });
  });

  it("has no more shards of the Directory forget what has expired than one request may call, and comes again", async () => {
    const user = freshUser();
    await store(
      user,
      Array.from(SHARDS, (shard, n) => ({ ...tombstone(n, NOW), held: [{ device: `app/${shard}`, at: NOW }] })),
    );
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    await runInDurableObject(user, (_, { storage }) => storage.setAlarm(NOW + TOMBSTONE_LIFETIME_MS));
    await runDurableObjectAlarm(user);
    const { rows, alarm } = await stored(user);
    expect(rows).toHaveLength(SHARDS.length - SHARDS_A_PURGE_MAX);
    expect(alarm).toBe(NOW + TOMBSTONE_LIFETIME_MS + PURGE_PAUSE_MS);

    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS + PURGE_PAUSE_MS);
    await runDurableObjectAlarm(user);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });

  it("leaves an endpoint that is registered in the place of what has expired while the Directory is told", async () => {
    const user = freshUser();
    await store(user, [{ ...tombstone(1, NOW), held: [{ device: "app/A", at: NOW }] }]);
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    await runInDurableObject(user, (_, { storage }) => storage.setAlarm(NOW + TOMBSTONE_LIFETIME_MS));
    const [, endpointId] = await Promise.all([runDurableObjectAlarm(user), registerDevice(user, 1)]);

    expect((await stored(user)).rows).toMatchObject([{ state: "live", endpointId }]);
  });

  it("comes again after it failed", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const user = await userWithTombstone();
    const unreadable = { version: 2, state: "live" };
    await runInDurableObject(user, (_, { storage }) => storage.kv.put(`endpoint/${idOf(9)}`, unreadable));
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    await runDurableObjectAlarm(user);
    await runInDurableObject(user, async (_, { storage }) => {
      expect(await storage.getAlarm()).toBe(NOW + TOMBSTONE_LIFETIME_MS + PURGE_PAUSE_MS);
      storage.kv.delete(`endpoint/${idOf(9)}`);
    });
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('"event":"purge_failed"'));

    await runDurableObjectAlarm(user);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
    logged.mockRestore();
  });

  it("is called again by the next deregistration where its alarm was lost", async () => {
    const user = await userWithTombstone();
    const other = await registerDevice(user, 2);
    await runInDurableObject(user, (_, { storage }) => storage.deleteAlarm());
    vi.setSystemTime(NOW + 2 * TOMBSTONE_LIFETIME_MS);
    await user.deregisterAppInstanceUserEndpoint(deregistering(other));

    expect((await stored(user)).alarm).toBe(NOW + TOMBSTONE_LIFETIME_MS);
    await runDurableObjectAlarm(user);
    expect((await stored(user)).rows.map(({ endpointId }) => endpointId)).toEqual([other]);
  });
});

describe("the runtime's own alarm", () => {
  it("purges, and calls the next purge", async () => {
    vi.useRealTimers();
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await store(user, [tombstone(2, Date.now() - 3 * TOMBSTONE_LIFETIME_MS)]);
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));

    await vi.waitFor(async () => {
      const { rows, alarm } = await stored(user);
      expect(rows).toMatchObject([{ state: "deregistered", endpointId, expiresAt: alarm }]);
    });
  });
});

describe("a clock that steps back", () => {
  it("keeps a tombstone until its time comes, and the purge with it", async () => {
    const user = await userWithTombstone();
    const before = await stored(user);
    vi.setSystemTime(NOW - HOUR_MS);
    await runDurableObjectAlarm(user);

    expect(await stored(user)).toEqual(before);
    expect((await user.registerAppInstanceUserEndpoint(device(1))).kind).toBe("conflict");
  });

  it("does not bring back a tombstone whose request token has been used again", async () => {
    const user = await userWithTombstone();
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    const endpointId = await registerDevice(user, 1);
    vi.setSystemTime(NOW);

    expect(await user.registerAppInstanceUserEndpoint(device(1))).toMatchObject({
      kind: "ok",
      replayed: true,
      response: { endpointId },
    });
  });

  it("registers after what is there", async () => {
    const user = freshUser();
    const first = await registerDevice(user, 1);
    vi.setSystemTime(NOW - HOUR_MS);
    expect((await registerDevice(user, 2)) > first).toBe(true);
  });
});

describe("a user churned at the full rate", () => {
  it.each([
    ["while the purge works", true],
    ["while it never comes", false],
  ])(
    "never has more rows than the cap, %s",
    async (_, isPurged) => {
      const user = freshUser();
      let devices = 0;
      let registered = 0;
      /** Registers and deregisters ten times a second, and answers how many were registered. */
      const churn = (seconds: number) =>
        runInDurableObject(user, (object: AppInstanceUser) => {
          const before = registered;
          for (let call = 0; call < 10 * seconds; call++) {
            vi.setSystemTime(Date.now() + 100);
            const answer = object.registerAppInstanceUserEndpoint(device(devices++));
            if (answer.kind === "ok") {
              registered++;
              object.deregisterAppInstanceUserEndpoint(deregistering(answer.response.endpointId));
            } else {
              expect(answer).toMatchObject({ kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS" });
            }
          }
          return registered - before;
        });
      const rows = () => runInDurableObject(user, (_, { storage }) => loadRows(storage.kv).length);
      const purge = () => isPurged && runDurableObjectAlarm(user);

      expect(await churn(110)).toBe(DEREGISTRATIONS_FREE_MAX);
      for (let hour = 1; hour < 24; hour++) {
        vi.setSystemTime(NOW + hour * HOUR_MS);
        await purge();
        // The last of those before were half a minute after the hour.
        expect(await churn(1)).toBe(hour === 1 ? 0 : REGISTRATIONS_AFTER_MAX);
      }
      expect(await rows()).toBe(DEREGISTRATIONS_FREE_MAX + 22 * REGISTRATIONS_AFTER_MAX);
      vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS + 50_000);
      await purge();
      expect(await churn(10)).toBe(DEREGISTRATIONS_FREE_MAX - 22 * REGISTRATIONS_AFTER_MAX);
      expect(await rows()).toBeLessThanOrEqual(ROWS_PER_USER_MAX);
    },
    60_000,
  );
});
