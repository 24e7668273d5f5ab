import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ENDPOINTS_PER_USER_DEFAULT } from "../../../src/worker/model/limits.ts";
import { RESOURCE_ARN, registration } from "../../support/requests.ts";
import { freshUser, stored, writesOf } from "../../support/user-object.ts";

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
