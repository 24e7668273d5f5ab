/** The policies of docs/callers.md, each operation tried for one's own user and for others, by the built Worker. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { RESOURCE_ARN } from "../support/requests.ts";
import { send, type WireAnswer } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/callers.md"), "utf8");

function documentUnder(heading: string) {
  const [, json = ""] = new RegExp(`^##+ ${heading}\n.*?^\`\`\`json\n(.*?)^\`\`\`$`, "ms").exec(page) ?? [];
  return JSON.parse(json);
}

const SECRET = "a-secret-of-an-issuer-of-at-least-32-characters";
const PRINCIPALS: Record<string, unknown> = {
  SENDER: documentUnder("A sender").policy,
  APP: documentUnder("An app"),
  // What apps had before there was anything to resolve.
  WILDCARD: documentUnder("A mobile app whose users sign in with an OIDC issuer").policy,
  SETTINGS: {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Action: "chime:UpdateAppInstanceUserEndpoint",
      Resource: "arn:aws:chime:us-east-1:123456789012:app-instance/prod/user/*",
    },
  },
};

const server = serveOnWorkerd({
  LOCAL_MODE: "true",
  ...Object.fromEntries(
    Object.entries(PRINCIPALS).map(([name, policy]) => {
      const tokenIssuer = { issuer: name, audience: "rollcall", secrets: [SECRET] };
      return [`PRINCIPAL_${name}`, JSON.stringify({ tokenIssuer, policy })];
    }),
  ),
});

const OPERATIONS = AppInstanceUserEndpointService.methods.map(({ name }) => name);
const APP = "arn:aws:chime:us-east-1:123456789012:app-instance/prod/user";
const USERS: Record<string, string> = {
  own: `${APP}/alice`,
  another: `${APP}/bob`,
  "of another app": "arn:aws:chime:us-east-1:123456789012:app-instance/other/user/alice",
};

/** A call with all that any operation reads, by alice of a principal; by the key that may do everything where there is none. */
async function call(
  operation: string,
  appInstanceUserArn: string,
  by: string | undefined,
  more = {},
): Promise<WireAnswer> {
  const members = {
    ...{ appInstanceUserArn, appInstanceUserArns: [appInstanceUserArn], endpointId: "none", resourceArn: RESOURCE_ARN },
    ...{ type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM", clientRequestToken: "request-1", deviceToken: "device-1" },
    appInstanceArn: appInstanceUserArn.replace(/\/user\/.*/, ""),
    failures: [
      {
        ...{ appInstanceUserArn, endpointId: "none", deviceToken: "device-1", reason: "Unregistered" },
        timestamp: new Date().toISOString(),
      },
    ],
    ...(operation === "RegisterAppInstanceUserEndpoint" && { endpointAttributes: { deviceToken: "device-1" } }),
    ...more,
  };
  const token = new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(by ?? "")
    .setAudience("rollcall");
  const signed = token.setSubject("alice").setExpirationTime("1h").sign(new TextEncoder().encode(SECRET));
  return send(server.url, {
    method: "POST",
    path: `/rollcall.v1.AppInstanceUserEndpointService/${operation}`,
    headers: {
      "content-type": "application/json",
      ...(by !== undefined && { authorization: `Bearer ${await signed}` }),
    },
    body: JSON.stringify(members),
  });
}

/** What a principal may do, as its answers tell: whatever is not forbidden reaches the user. */
async function allowed(by: string): Promise<string[]> {
  const may: string[] = [];
  for (const [whose, arn] of Object.entries(USERS)) {
    for (const operation of OPERATIONS) {
      const { status, reason } = await call(operation, arn, by);
      // 501: an operation of the Directory, which this server has not.
      expect([200, 403, 404, 501]).toContain(status);
      if (reason !== "NOT_AUTHORIZED") {
        may.push(`${operation} ${whose}`);
      }
    }
  }
  return may;
}

const REGISTERING = [
  "RegisterAppInstanceUserEndpoint own",
  "DescribeAppInstanceUserEndpoint own",
  "ListAppInstanceUserEndpoints own",
  "UpdateAppInstanceUserEndpoint own",
  "DeregisterAppInstanceUserEndpoint own",
];
const SENDING = ["ResolveAppInstanceUserEndpoints", "ReportAppInstanceUserEndpointFailures"];

describe("by docs/callers.md", () => {
  it.each([
    [
      "a sender resolves and reports, all of an app's users, and nothing else",
      "SENDER",
      [...SENDING.map((operation) => `${operation} own`), ...SENDING.map((operation) => `${operation} another`)],
    ],
    ["an app does what AWS has, for its own user only, and does not resolve", "APP", REGISTERING],
    [
      "a wildcard has come to allow resolve and report too, for the same users",
      "WILDCARD",
      [...REGISTERING, ...SENDING.map((operation) => `${operation} own`)],
    ],
  ])("%s", async (_, principal, expected) => {
    expect(await allowed(principal)).toEqual(expected);
  });
});

describe("a refusal", () => {
  it.each([
    ["a user", "ListAppInstanceUserEndpoints", {}, "this user"],
    [
      "one of several users",
      "ResolveAppInstanceUserEndpoints",
      { appInstanceUserArns: Object.values(USERS) },
      "one of these users, so nothing was done for any",
    ],
    ["an app instance", "LookupAppInstanceUserEndpoints", {}, "this app instance"],
  ])("says that it is about %s", async (_, operation, more, on) => {
    const { status, text } = await call(operation, USERS.own ?? "", "SENDER", more);
    expect(status).toBe(403);
    expect(JSON.parse(text).message).toBe(
      `The caller is not allowed to perform chime:${operation} on ${on}. Allow it in the caller's policy.`,
    );
  });
});

describe("a key that may update and not register", () => {
  let endpointId = "";
  beforeAll(async () => {
    endpointId = JSON.parse(
      (await call("RegisterAppInstanceUserEndpoint", USERS.own ?? "", undefined)).text,
    ).endpointId;
  });

  async function describedToken(): Promise<unknown> {
    const { text } = await call("DescribeAppInstanceUserEndpoint", USERS.own ?? "", undefined, { endpointId });
    const { name, endpointAttributes } = JSON.parse(text).appInstanceUserEndpoint;
    return [name, endpointAttributes];
  }

  it("renames an endpoint", async () => {
    const renamed = await call("UpdateAppInstanceUserEndpoint", USERS.own ?? "", "SETTINGS", {
      endpointId,
      name: "renamed",
    });
    expect(renamed.status).toBe(200);
    expect(await describedToken()).toEqual(["renamed", { deviceToken: "device-1" }]);
  });

  it.each(["another-device", "device-1"])(
    "does not name its token, be it another one or not: %s",
    async (deviceToken) => {
      const more = { endpointId, name: "taken over", endpointAttributes: { deviceToken } };
      const { status, reason, text } = await call("UpdateAppInstanceUserEndpoint", USERS.own ?? "", "SETTINGS", more);
      expect([status, reason]).toEqual([403, "NOT_AUTHORIZED"]);
      expect(text).toContain("chime:RegisterAppInstanceUserEndpoint");
      expect(await describedToken()).toEqual(["renamed", { deviceToken: "device-1" }]);
    },
  );
});
