/** On one machine users' objects hold files while they are awake: those whom the Directory wakes count as any others. */
import { describe, expect, it } from "vitest";
import { KeptServer } from "../support/kept-server.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";

const APP_INSTANCE = freshUserArn().split("/user/")[0];

function kept(devices: string): KeptServer {
  return new KeptServer({ LOCAL_MODE: "true", SAME_DEVICE: "adopt", DEVICES: devices });
}

function register(url: string, deviceToken: string, arn = freshUserArn()) {
  const members = { EndpointAttributes: { DeviceToken: deviceToken }, ClientRequestToken: crypto.randomUUID() };
  return send(url, restRegister(members, arn));
}

function lookUp(url: string, deviceToken: string) {
  const body = { AppInstanceArn: APP_INSTANCE, Type: "GCM", ResourceArn: RESOURCE_ARN, DeviceToken: deviceToken };
  return send(url, {
    method: "POST",
    path: "/app-instance-user-endpoints/lookup",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

describe("with DEVICES=share, on a machine that has room for 4 users", () => {
  const server = kept("share");

  it("a device of more users is not looked up beyond that room", async () => {
    await server.start();
    for (let n = 0; n < 8; n++) {
      expect((await register(server.url, "shared")).status).toBe(201);
    }
    const { status: known, text: state } = await send(server.url, {
      method: "GET",
      path: "/directory",
      headers: {},
      body: null,
    });
    expect({ known, ...JSON.parse(state) }).toMatchObject({ known: 200, Devices: 8, Losers: 0, Events: 0 });
    await server.start({ USERS_AT_ONCE: "4" });
    const { status, text } = await lookUp(server.url, "shared");
    expect(status).toBe(503);
    expect(text).toContain("users");
  });
});

describe("with DEVICES=move, on a machine that has room for 10 users", () => {
  const server = kept("move");

  it("users who lose a device take room, and those for whom there is none lose it later", async () => {
    await server.start();
    const losers = Array.from({ length: 8 }, () => freshUserArn());
    for (const [n, loser] of losers.entries()) {
      expect((await register(server.url, `device-${n}`, loser)).status).toBe(201);
    }
    await server.start({ USERS_AT_ONCE: "10" });
    const taker = freshUserArn();
    for (const n of losers.keys()) {
      expect((await register(server.url, `device-${n}`, taker)).status).toBe(201);
    }
    const others = [];
    for (let n = 0; n < 3; n++) {
      others.push((await register(server.url, `other-${n}`)).status);
    }
    expect(others).toContain(503);
    await server.start();
    for (const [n, loser] of losers.entries()) {
      await expect.poll(() => statusOf(server.url, loser), { timeout: 20_000, message: `loser ${n}` }).toBe("INACTIVE");
    }
  });
});

async function statusOf(url: string, arn: string): Promise<unknown> {
  const path = `/app-instance-users/${encodeURIComponent(arn)}/endpoints`;
  const { text } = await send(url, { method: "GET", path, headers: {}, body: null });
  const [{ EndpointId }] = JSON.parse(text).AppInstanceUserEndpoints;
  const described = await send(url, { method: "GET", path: `${path}/${EndpointId}`, headers: {}, body: null });
  return JSON.parse(described.text).AppInstanceUserEndpoint.EndpointState.Status;
}
