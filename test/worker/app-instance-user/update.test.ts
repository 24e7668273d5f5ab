import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { deregistering, registration, USER_ARN, updating } from "../../support/requests.ts";
import { endpoint, NOW } from "../../support/rows.ts";
import { freshUser, registerDevice, store, stored, writesOf } from "../../support/user-object.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

describe("updateAppInstanceUserEndpoint", () => {
  it("changes the one row, also after the object was evicted", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1, { name: "phone" });
    await registerDevice(user, 2);
    const before = await stored(user);
    vi.setSystemTime(NOW + 1_000);

    expect(await user.updateAppInstanceUserEndpoint(updating(endpointId, { name: "", allowMessages: "NONE" }))).toEqual(
      {
        kind: "ok",
        response: { appInstanceUserArn: USER_ARN, endpointId },
      },
    );
    const after = {
      ...before,
      rows: [{ ...before.rows[0], name: "", allowMessages: "NONE", lastUpdatedAt: NOW + 1_000 }, before.rows[1]],
    };
    expect(await stored(user)).toEqual(after);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual(after);
  });

  it("writes one row for a change, and none where nothing changes", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    const update = (changes: { name?: string; allowMessages?: "ALL" | "NONE" }, id = endpointId) =>
      writesOf(user, () => user.updateAppInstanceUserEndpoint(updating(id, changes)));

    expect({
      muted: await update({ allowMessages: "NONE" }),
      again: await update({ allowMessages: "NONE" }),
      nothing: await update({}),
      unknown: await update({ name: "x" }, "unknown"),
    }).toEqual({ muted: 1, again: 0, nothing: 0, unknown: 0 });
  });

  it("does not find what is unknown or was deregistered", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.deregisterAppInstanceUserEndpoint(deregistering(endpointId));
    const before = await stored(user);

    for (const id of [endpointId, "unknown"]) {
      expect(await user.updateAppInstanceUserEndpoint(updating(id, { name: "x" }))).toEqual({
        kind: "not_found",
        reason: "ENDPOINT_NOT_FOUND",
      });
    }
    expect(await stored(user)).toEqual(before);
  });

  it("leaves the registration what it was: its request token replays, its device is taken", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.updateAppInstanceUserEndpoint(updating(endpointId, { name: "renamed", allowMessages: "NONE" }));

    expect(await user.registerAppInstanceUserEndpoint(registration())).toMatchObject({ kind: "ok", replayed: true });
    expect(await user.registerAppInstanceUserEndpoint(registration({ clientRequestToken: "new" }))).toMatchObject({
      kind: "conflict",
      endpointId,
    });
  });

  it("puts another token in the old one's place, also after the object was evicted", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1, { name: "phone" });
    await registerDevice(user, 2);
    const before = await stored(user);
    vi.setSystemTime(NOW + 1_000);
    const rotate = (deviceToken: string) =>
      user.updateAppInstanceUserEndpoint(updating(endpointId, { endpointAttributes: { deviceToken } }));

    expect(await writesOf(user, () => rotate("rotated"))).toBe(1);
    expect(await writesOf(user, () => rotate("rotated"))).toBe(0);
    const named = { deviceToken: "rotated", deviceTokenAt: NOW + 1_000, lastUpdatedAt: NOW + 1_000 };
    const after = { ...before, rows: [{ ...before.rows[0], ...named }, before.rows[1]] };
    expect(await stored(user)).toEqual(after);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual(after);

    expect(await rotate("device-2")).toEqual({
      kind: "conflict",
      reason: "DEVICE_ALREADY_REGISTERED",
      endpointId: before.rows[1]?.endpointId,
    });
    expect(await stored(user)).toEqual(after);
  });

  it("leaves the former token to a late replay as nothing, and to a new registration as a device", async () => {
    const user = freshUser();
    const endpointId = await registerDevice(user, 1);
    await user.updateAppInstanceUserEndpoint(updating(endpointId, { endpointAttributes: { deviceToken: "rotated" } }));
    const after = await stored(user);

    expect(await registerDevice(user, 1)).toBe(endpointId);
    expect(await stored(user)).toEqual(after);
    expect(await registerDevice(user, 1, { clientRequestToken: "new" })).not.toBe(endpointId);
  });

  it("has an endpoint that is INACTIVE make way for the device, both or neither", async () => {
    const user = freshUser();
    const dead = { ...endpoint(2), inactiveSince: NOW };
    await store(user, [endpoint(1), dead]);
    const before = await stored(user);
    const request = updating(endpoint(1).endpointId, { endpointAttributes: { deviceToken: "device-2" } });
    await runInDurableObject(user, (object: AppInstanceUser, { storage }) => {
      const setAlarm = vi.spyOn(storage, "setAlarm").mockImplementation(() => {
        throw new Error("no alarm");
      });
      expect(object.updateAppInstanceUserEndpoint(request)).toMatchObject({ reason: "STORAGE_FAILED" });
      setAlarm.mockRestore();
    });
    expect(await stored(user)).toEqual(before);

    expect(await user.updateAppInstanceUserEndpoint(request)).toMatchObject({ kind: "ok" });
    expect((await stored(user)).rows).toMatchObject([
      { state: "live", deviceToken: "device-2" },
      { state: "deregistered", endpointId: dead.endpointId },
    ]);
  });
});
