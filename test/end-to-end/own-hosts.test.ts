/** On bare workerd: there nothing chooses the Worker by its Host before the request gets to it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { signedHeaders } from "../support/credentials.ts";
import { connectRegister, restRegister } from "../support/wire.ts";
import { sendAs } from "../support/with-host.ts";

let workerd: Workerd;
beforeAll(async () => {
  workerd = await startTemporaryWorkerd(WORKER_BUNDLE, { variables: { OWN_HOSTS: "api.localhost" } });
});
afterAll(() => workerd.stop());

const HEALTH = { method: "GET", path: "/health", headers: {}, body: null };

describe("a server with hosts of its own", () => {
  it.each([restRegister(), connectRegister()])("performs what was signed for one of them: %#", async (request) => {
    const headers = await signedHeaders(`http://api.localhost${request.path}`, request);
    const { status, text } = await sendAs("api.localhost", workerd.url, { ...request, headers });
    expect([status, text]).toEqual([
      request.path.includes("rollcall.v1") ? 200 : 201,
      expect.stringMatching(/endpointId/i),
    ]);
  });

  it.each([
    [restRegister(), '"Code":"Forbidden"'],
    [connectRegister(), '"reason":"HOST_NOT_SERVED"'],
  ])("refuses what was signed for another server, and is sent on under its Host: %#", async (request, told) => {
    const headers = await signedHeaders(`http://localhost:1234${request.path}`, request);
    const { status, text } = await sendAs("localhost:1234", workerd.url, { ...request, headers });
    expect([status, text]).toEqual([403, expect.stringContaining(told)]);
  });

  it("tells its health under any", async () => {
    expect((await sendAs("127.0.0.1", workerd.url, HEALTH)).status).toBe(200);
  });

  it("in local mode goes by none but this machine's", async () => {
    for (const host of ["push.example.com", new URL(workerd.url).host.replace("127.0.0.1", "192.168.1.5")]) {
      const { status, text } = await sendAs(host, workerd.url, HEALTH);
      expect([status, text]).toEqual([403, expect.stringContaining("This server is in local mode")]);
    }
  });
});
