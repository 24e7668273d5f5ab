/** ARNs that name no user: nothing new is registered under them, and what was once stays reachable. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UserNamespace } from "../../../src/worker/model/user-rpcs.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { ask } from "../../support/ask.ts";
import { call, type Operation } from "../../support/calls.ts";
import { bearerOf, localService } from "../../support/credentials.ts";
import { RESOURCE_ARN } from "../../support/requests.ts";
import { ALLOW_ALL } from "../../support/signed-requests.ts";
import { registerDevice, userNamed } from "../../support/user-object.ts";

const ODD = [
  "arn:aws:s3:::bucket",
  "arn:aws:chime:us-east-1:123456789012:app-instance/demo",
  "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/",
  "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/alice ",
];
const EXAMPLE = "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/alice";
const REGISTRATION = {
  ...{ type: "GCM", resourceArn: RESOURCE_ARN, clientRequestToken: "request-2" },
  endpointAttributes: { deviceToken: "device-2" },
};

const { APP_INSTANCE_USER: users } = env as unknown as { APP_INSTANCE_USER: UserNamespace };
const service = { ...localService(), users, implements: () => true };

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));
afterEach(() => vi.restoreAllMocks());

describe.each(["rest", "connect"] as const)("over %s", (wire) => {
  it.each(ODD)("%j is not registered under, by whoever may", async (arn) => {
    const app = createApp({ ...service, authenticate: async () => ANYBODY });
    const answer = await call(
      (path, init) => ask(app, path, init),
      { arn, headers: {} },
      wire,
      "Register",
      REGISTRATION,
    );
    expect(answer?.status).toBe(400);
    expect(answer?.body.message).toMatch(/^1 validation error detected: Value at '[aA]ppInstanceUserArn' /);
    expect(answer?.body.message).toContain(` (valid is, for example, ${EXAMPLE})`);
  });

  it("a user's token with a slip in the ARN is told of the slip, not of its policy, and not the ARN", async () => {
    const app = createApp(service);
    const arn = "arn:aws:chime:us-east-1:123456789012:app-instance/demo/users/bob";
    const caller = { arn, headers: await bearerOf(arn) };
    const answer = await call((path, init) => ask(app, path, init), caller, wire, "Register", REGISTRATION);
    expect(answer?.status).toBe(400);
    expect(answer?.body.message).toContain(EXAMPLE);
    expect(answer?.body.message).not.toMatch(/policy|users\/bob/);
  });

  it.each(ODD)("what stands under %j is described, listed, updated and deregistered", async (arn) => {
    const app = createApp({ ...service, authenticate: async () => ANYBODY });
    const endpointId = await registerDevice(userNamed(objectName(arn)), wire.length);
    const answerTo = (operation: Operation, members = {}) =>
      call((path, init) => ask(app, path, init), { arn, headers: {} }, wire, operation, members);

    expect((await answerTo("Describe", { endpointId }))?.status).toBe(200);
    expect((await answerTo("List"))?.body.appInstanceUserEndpoints).toMatchObject([{ endpointId }]);
    expect((await answerTo("Update", { endpointId, name: "found" }))?.status).toBe(200);
    expect((await answerTo("Deregister", { endpointId }))?.status).toBe(200);
    expect((await answerTo("List"))?.body.appInstanceUserEndpoints ?? []).toEqual([]);
  });
});

const ANYBODY = { kind: "caller", principal: "TEST", policy: ALLOW_ALL, claims: new Map() } as const;
