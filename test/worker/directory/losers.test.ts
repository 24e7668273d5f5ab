import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { Losers } from "../../../src/worker/directory/losers.ts";
import type { Holding } from "../../../src/worker/model/holding.ts";
import { AwakeUsers } from "../../../src/worker/objects/awake-users.ts";
import { dueLosers, putHolding } from "../../../src/worker/storage/holdings.ts";
import { users } from "../../support/devices.ts";
import { freshUserArn } from "../../support/requests.ts";
import { freshUser } from "../../support/user-object.ts";

it("a loser for whom there is no room is put off until there may be, and has not failed by that", async () => {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now });
  const room = new AwakeUsers(1);
  room.enter("somebody", "caller", now);
  const lost: Holding = { device: "i/d", user: "u", userArn: freshUserArn(), endpointId: "1", at: now, isLost: true };
  const placement = { jurisdictions: new Map(), locationHints: new Map() };
  // Any object's storage will do.
  await runInDurableObject(freshUser(), async (_, { storage }) => {
    putHolding(storage.kv, lost, undefined, now);
    const losers = new Losers(storage, { users, placement, room, hear: () => {} });
    expect(await losers.tellDue(now)).toBe(1);
    const { retryAfterMs = 0 } = room.enter("somebody else", "caller", now) ?? {};
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(losers.nextAt()).toBe(now + retryAfterMs);
    expect(dueLosers(storage.kv, now + retryAfterMs)).toMatchObject([{ failures: 0, since: now }]);
  });
  vi.useRealTimers();
});
