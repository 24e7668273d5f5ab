import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { AppInstanceUser } from "../src/app-instance-user.ts";
import type { Row } from "../src/model/endpoint.ts";
import { ENDPOINTS_PER_USER_DEFAULT, OPERATION_BURST_DEFAULT } from "../src/model/limits.ts";
import { loadRows } from "../src/storage/rows.ts";
import { RESOURCE_ARN, registration } from "./support/requests.ts";

const users = (env as unknown as { APP_INSTANCE_USER: DurableObjectNamespace<AppInstanceUser> }).APP_INSTANCE_USER;

function freshUser() {
  return users.getByName(crypto.randomUUID());
}

/** Every row that is stored, read anew. */
function stored(user: DurableObjectStub<AppInstanceUser>): Promise<Row[]> {
  return runInDurableObject(user, (_, state) => loadRows(state.storage.kv));
}

/** How many rows SQLite has written for this object since it was started, in whichever table. */
function rowsWritten(user: DurableObjectStub<AppInstanceUser>): Promise<number> {
  return runInDurableObject(user, (_, state) => Number(state.storage.sql.exec("SELECT total_changes() AS n").one().n));
}

async function writesOf(user: DurableObjectStub<AppInstanceUser>, call: () => Promise<unknown>): Promise<number> {
  const before = await rowsWritten(user);
  await call();
  return (await rowsWritten(user)) - before;
}

describe("registerAppInstanceUserEndpoint", () => {
  it("stores one row: the endpoint and the request that made it", async () => {
    const user = freshUser();
    const answer = await user.registerAppInstanceUserEndpoint(registration({ name: "phone" }));
    const rows = await stored(user);

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
    const rows = await stored(user);
    await evictDurableObject(user);
    const again = await user.registerAppInstanceUserEndpoint(registration());

    expect(again).toEqual({ ...first, replayed: true });
    expect(await stored(user)).toEqual(rows);
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
    expect(await stored(user)).toHaveLength(ENDPOINTS_PER_USER_DEFAULT);
  });

  it("throttles after a burst, writes nothing for it, and serves again after the wait that it names", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const user = freshUser();
    for (let n = 0; n < OPERATION_BURST_DEFAULT; n++) {
      expect(await user.registerAppInstanceUserEndpoint(registration())).toMatchObject({ kind: "ok" });
    }
    const rows = await stored(user);

    const refused = await user.registerAppInstanceUserEndpoint(registration({ clientRequestToken: "another" }));
    expect(refused).toEqual({ kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 100 });
    expect(await stored(user)).toEqual(rows);

    vi.advanceTimersByTime(100);
    expect(await user.registerAppInstanceUserEndpoint(registration())).toMatchObject({ kind: "ok" });
    vi.useRealTimers();
  });

  it("lets one of many that want the same device through, and names it to the others", async () => {
    const user = freshUser();
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        user.registerAppInstanceUserEndpoint(registration({ clientRequestToken: `request-${n}` })),
      ),
    );
    const [endpoint, ...others] = await stored(user);

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
