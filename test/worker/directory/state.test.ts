/** How the Directory is, as its operators ask. */
import { describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { parsePolicy } from "../../../src/worker/auth/policy/parse.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { ask } from "../../support/ask.ts";
import { LOCAL_VARIABLES, localService } from "../../support/credentials.ts";
import { AppInstance, directory, MOVE, users, whereDevicesAre } from "../../support/devices.ts";

whereDevicesAre();

/** What a caller is answered who may do something. */
async function asked({ Action = "*", Resource = "*" } = {}, more: object = {}, path = "/directory") {
  const statement = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] };
  const policy = parsePolicy(statement, "", () => undefined);
  const caller = { kind: "caller" as const, principal: "test", policy, claims: new Map<string, string>() };
  const service = { ...localService({ ...LOCAL_VARIABLES, ...MOVE }), authenticate: async () => caller };
  const response = await ask(createApp({ ...service, users, directory, ...more }), path, {});
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function shardIn(body: Record<string, unknown>, name: string | undefined) {
  return (body.Shards as { Shard: string }[]).find(({ Shard }) => Shard === name);
}

/** Other tests leave losers in their shards, one of them more than are counted. */
function instanceWithoutLosers(before: Record<string, unknown>): AppInstance {
  const app = new AppInstance();
  const { Losers = 0 } = (shardIn(before, app.shardOf("phone").name) ?? {}) as { Losers?: number };
  return Losers === 0 ? app : instanceWithoutLosers(before);
}

describe("how the Directory is", () => {
  it("is told in all and by shard: devices, who has yet to be told, and for how long", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const { body: before } = await asked();
    const app = instanceWithoutLosers(before);
    await app.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    vi.spyOn(AppInstanceUser.prototype, "loseDevice").mockImplementation(() => {
      throw new Error("not now");
    });
    await app.alarms("phone");
    vi.advanceTimersByTime(90_000);
    const { status, body } = await asked();
    expect(status).toBe(200);
    const { name } = app.shardOf("phone");
    const { Devices: had = 0, Losers: lost = 0 } = shardIn(before, name) as { Devices?: number; Losers?: number };
    expect(shardIn(body, name)).toMatchObject({
      ...{ Devices: had + 1, Losers: lost + 1, Events: 0, EventsForSeconds: 0 },
      ...{ LosersForSeconds: expect.toSatisfy((seconds) => seconds >= 90), Bytes: expect.any(Number) },
    });
    expect(body.Shards).toHaveLength(64);
    expect(body).toMatchObject({ Devices: Number(before.Devices) + 1, Losers: Number(before.Losers) + 1 });
    expect(JSON.stringify(body)).not.toMatch(/arn:|alice|bob|phone/);
  });

  it.each([
    ["chime:GetDirectory", "*", 200],
    ["chime:ListEndpointsByAppInstance", "*", 403],
    ["*", "arn:aws:chime:us-east-1:123456789012:app-instance/*", 403],
  ])("may be asked by whom a policy allows it on everything: %s on %s", async (Action, Resource, status) => {
    expect(await asked({ Action, Resource })).toMatchObject({ status });
  });

  it("is 501 where there is none, and 503 where it is not reached", async () => {
    expect(await asked({}, { directory: undefined })).toMatchObject({ status: 501 });
    vi.spyOn(console, "error").mockImplementation(() => {});
    const state = () => Promise.reject(new Error("Too many subrequests by single Worker invocation."));
    const shards = { getByName: () => ({ state }) };
    expect(await asked({}, { directory: shards })).toMatchObject({ status: 503 });
  });
});
