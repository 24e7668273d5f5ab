import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { ENDPOINTS_PER_USER_DEFAULT, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { deregistering, device } from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { freshUser, registerDevice, stored, writesOf } from "../../support/user-object.ts";

const deregistered = { kind: "ok", response: {} };

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

describe("deregisterAppInstanceUserEndpoint", () => {
  it("leaves a tombstone in the endpoint's place, and a purge to come, also after the object was evicted", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await registerDevice(user, 2);
    const before = await stored(user);

    expect(await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId))).toEqual(deregistered);
    const expiresAt = NOW + TOMBSTONE_LIFETIME_MS;
    const after = {
      rows: [{ state: "deregistered", endpointId, clientRequestToken: "request-1", expiresAt }, before.rows[1]],
      alarm: expiresAt,
    };
    expect(await stored(user)).toEqual(after);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual(after);
  });

  it("writes a row, the first time the alarm too, and nothing for what is unknown or gone", async () => {
    const [user, stranger] = [freshUser(), freshUser()];
    const ids = [await registerDevice(user, 1), await registerDevice(user, 2), await registerDevice(user, 3)];
    const deregister = (endpointId = "", whom = user) =>
      writesOf(whom, async () =>
        expect(await whom.deregisterAppInstanceUserEndpoint(deregistering(endpointId))).toEqual(deregistered),
      );

    expect({
      first: await deregister(ids[0]),
      second: await deregister(ids[1]),
      third: await deregister(ids[2]),
      gone: await deregister(ids[0]),
      unknown: await deregister("unknown"),
      unknownUser: await deregister(ids[0], stranger),
    }).toEqual({ first: 2, second: 1, third: 1, gone: 0, unknown: 0, unknownUser: 0 });
    expect(await stored(stranger)).toEqual({ rows: [], alarm: null });
  });

  it("writes both or neither", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    const before = await stored(user);
    await runInDurableObject(user, (object: AppInstanceUser, { storage }) => {
      const setAlarm = vi.spyOn(storage, "setAlarm").mockImplementation(() => {
        throw new Error("no alarm");
      });
      expect(object.deregisterAppInstanceUserEndpoint(deregistering(endpointId))).toMatchObject({
        reason: "STORAGE_FAILED",
      });
      setAlarm.mockRestore();
    });
    expect(await stored(user)).toEqual(before);
  });

  it("frees the device at once, for a new request token", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));

    const again = await registerDevice(user, 1, { clientRequestToken: "new" });
    expect(again > endpointId).toBe(true);
  });

  it("frees a slot", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 0);
    for (let n = 1; n < ENDPOINTS_PER_USER_DEFAULT; n++) {
      await registerDevice(user, n);
    }
    expect((await user.registerAppInstanceUserEndpoint(device(99))).kind).toBe("limit_exceeded");
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
    expect((await user.registerAppInstanceUserEndpoint(device(99))).kind).toBe("ok");
  });

  it.each([
    ["purged", (user: ReturnType<typeof freshUser>) => runDurableObjectAlarm(user)],
    ["not purged", async () => {}],
  ])("holds the old request token for 24 hours; then it is as good as new, %s", async (_, purge) => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
    const late = () => user.registerAppInstanceUserEndpoint(device(1));

    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS - 1);
    expect(await late()).toEqual({ kind: "conflict", reason: "ENDPOINT_DEREGISTERED", endpointId });
    vi.setSystemTime(NOW + TOMBSTONE_LIFETIME_MS);
    await purge(user);
    expect(await late()).toMatchObject({ kind: "ok", response: { endpointId: expect.not.stringMatching(endpointId) } });
    expect((await stored(user)).rows).toEqual([expect.objectContaining({ state: "live", deviceToken: "device-1" })]);
    expect(await late()).toMatchObject({ kind: "ok", replayed: true });
  });
});
