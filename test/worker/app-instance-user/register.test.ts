import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { fingerprint } from "../../../src/worker/core/fingerprint.ts";
import { ENDPOINTS_PER_USER_DEFAULT } from "../../../src/worker/model/limits.ts";
import { device, RESOURCE_ARN, registration } from "../../support/requests.ts";
import { endpoint, NOW } from "../../support/rows.ts";
import { configure, freshUser, registerDevice, store, stored, writesOf } from "../../support/user-object.ts";

afterEach(configure({ SAME_DEVICE: "", ENDPOINTS_PER_USER: "" }));

describe("registerAppInstanceUserEndpoint", () => {
  it("stores one row: the endpoint and the request that made it", async () => {
    const user = freshUser();
    const answer = await user.registerAppInstanceUserEndpoint(registration({ name: "phone" }));
    const { rows } = await stored(user);

    expect(answer).toEqual({
      kind: "ok",
      response: { appInstanceUserArn: registration().appInstanceUserArn, endpointId: rows[0]?.endpointId },
    });
    expect(rows).toEqual([
      {
        state: "live",
        endpointId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        type: "GCM",
        resourceArn: RESOURCE_ARN,
        deviceToken: "device-1",
        name: "phone",
        allowMessages: "ALL",
        clientRequestToken: "request-1",
        fingerprint: expect.stringMatching(/^1:/),
        createdAt: expect.any(Number),
        lastUpdatedAt: expect.any(Number),
      },
    ]);
  });

  it("answers a replay with the first answer, also after the object was evicted", async () => {
    const user = freshUser();
    const first = await user.registerAppInstanceUserEndpoint(registration());
    const before = await stored(user);
    await evictDurableObject(user);
    const again = await user.registerAppInstanceUserEndpoint(registration());

    expect(again).toEqual({ ...first, replayed: true });
    expect(await stored(user)).toEqual(before);
  });

  it("writes one row for a registration, and none for a replay or a refusal", async () => {
    const user = freshUser();
    const register = (changes = {}) =>
      writesOf(user, () => user.registerAppInstanceUserEndpoint(registration(changes)));
    const device = (n: number) => ({ endpointAttributes: { deviceToken: `device-${n}` } });

    const registrations = [await register()];
    for (let n = 2; n <= ENDPOINTS_PER_USER_DEFAULT; n++) {
      registrations.push(await register({ ...device(n), clientRequestToken: `request-${n}` }));
    }
    expect(registrations).toEqual(Array(ENDPOINTS_PER_USER_DEFAULT).fill(1));
    expect({
      replay: await register(),
      tokenReused: await register(device(2)),
      deviceRegistered: await register({ clientRequestToken: "another" }),
      limit: await register({ ...device(99), clientRequestToken: "another" }),
    }).toEqual({ replay: 0, tokenReused: 0, deviceRegistered: 0, limit: 0 });
    expect((await stored(user)).rows).toHaveLength(ENDPOINTS_PER_USER_DEFAULT);
  });

  it("lets one of many that want the same device through, and names it to the others", async () => {
    const user = freshUser();
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        user.registerAppInstanceUserEndpoint(registration({ clientRequestToken: `request-${n}` })),
      ),
    );
    const [endpoint, ...others] = (await stored(user)).rows;

    expect(others).toEqual([]);
    expect(answers.filter(({ kind }) => kind === "ok")).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind !== "ok")).toEqual(
      Array(15).fill({ kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: endpoint?.endpointId }),
    );
  });

  it("asks to wait for the deploy when a newer release has written a row", async () => {
    const user = freshUser();
    await runInDurableObject(user, (_, state) => state.storage.kv.put("endpoint/x", { version: 2, state: "live" }));

    expect(await user.registerAppInstanceUserEndpoint(registration())).toMatchObject({
      kind: "unavailable",
      reason: "VERSION_MISMATCH",
    });
  });
});

describe("registerAppInstanceUserEndpoint of a device that is registered", () => {
  const launch = (n: number, changes = {}) => registration({ clientRequestToken: `launch-${n}`, ...changes });

  it("adopts it where that is configured: one endpoint, whatever the number of launches, and at once", async () => {
    configure({ SAME_DEVICE: "adopt" });
    const user = freshUser();
    const endpointId = await registerDevice(user, 1, { name: "phone", allowMessages: "NONE" });
    const before = await stored(user);
    const launches = () =>
      Promise.all(Array.from({ length: 8 }, (_, n) => user.registerAppInstanceUserEndpoint(launch(n))));

    expect(await writesOf(user, launches)).toBe(0);
    for (const answer of await launches()) {
      expect(answer).toMatchObject({ kind: "ok", response: { endpointId }, adopted: true });
    }
    expect(await stored(user)).toEqual(before);
    const renamed = launch(9, { name: "tablet" });
    expect(await writesOf(user, () => user.registerAppInstanceUserEndpoint(renamed))).toBe(1);
    const after = await stored(user);
    expect(after.rows).toEqual([
      {
        ...before.rows[0],
        ...{ name: "tablet", clientRequestToken: "launch-9", fingerprint: fingerprint(renamed) },
        ...{ lastUpdatedAt: expect.any(Number), deviceTokenAt: expect.any(Number) },
      },
    ]);
    await evictDurableObject(user);
    expect(await stored(user)).toEqual(after);
    expect(await user.registerAppInstanceUserEndpoint(renamed)).toMatchObject({ kind: "ok", replayed: true });
  });

  it("lets one that is INACTIVE make way for another at the limit, both or neither", async () => {
    configure({ ENDPOINTS_PER_USER: "2" });
    const user = freshUser();
    const dead = { ...endpoint(1), inactiveSince: NOW };
    await store(user, [dead, endpoint(2)]);
    const before = await stored(user);
    await runInDurableObject(user, (object: AppInstanceUser, { storage }) => {
      const { put } = storage.kv;
      let puts = 0;
      const failing = vi.spyOn(storage.kv, "put").mockImplementation((key, value) => {
        if (++puts === 2) {
          throw new Error("disk full");
        }
        put.call(storage.kv, key, value);
      });
      expect(object.registerAppInstanceUserEndpoint(device(3))).toMatchObject({ reason: "STORAGE_FAILED" });
      expect(puts).toBe(2);
      failing.mockRestore();
    });
    expect(await stored(user)).toEqual(before);

    const endpointId = await registerDevice(user, 3);
    const { rows, alarm } = await stored(user);
    expect(rows).toMatchObject([
      { state: "deregistered", endpointId: dead.endpointId },
      { state: "live", endpointId: endpoint(2).endpointId },
      { state: "live", endpointId, deviceToken: "device-3" },
    ]);
    expect(alarm).not.toBeNull();
    expect(await user.registerAppInstanceUserEndpoint(device(4))).toMatchObject({ kind: "limit_exceeded", limit: 2 });
  });
});
