import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { localToken } from "../../../src/command/local.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import type { Service } from "../../../src/worker/transport/perform.ts";
import { ask } from "../../support/ask.ts";
import {
  DEPLOYED_VARIABLES,
  LOCAL_VARIABLES,
  localService,
  presignedUrl,
  signedHeaders,
} from "../../support/credentials.ts";
import { usersThat } from "../../support/users.ts";

const AT = "http://localhost/credentials";
const GET = { method: "GET", headers: {}, body: null } as const;
const UNASKED = () => expect.fail("a user's object is asked");

const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  vi.spyOn(console, "log").mockImplementation((line) => void logged.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

function appWith(changes: Partial<Service> = {}, variables: Record<string, string> = LOCAL_VARIABLES) {
  return createApp({ ...localService(variables), users: usersThat(UNASKED).users, ...changes });
}

function get(headers: Record<string, string>, app = appWith(), path = "/credentials") {
  return ask(app, path, { headers });
}

interface Document {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
  readonly Expiration: string;
}

async function credentials(authorization?: string): Promise<Document> {
  const response = await get({ authorization: authorization ?? `Bearer ${await localToken("alice")}` });
  expect(response.status).toBe(200);
  return response.json();
}

describe("GET /credentials", () => {
  it("answers what SDKs read of a container's credentials, and of a credential_process", async () => {
    const answer = await credentials();
    expect(answer).toEqual({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[\w-]{43}$/),
      Token: expect.stringMatching(/^1\.[\w-]+$/),
      SessionToken: answer.Token,
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(Date.parse(answer.Expiration) - Date.now()).toBeGreaterThan(3_595_000);
    expect(Date.parse(answer.Expiration) - Date.now()).toBeLessThanOrEqual(3_600_000);
  });

  it("takes a token as SDKs send what a file holds, without its scheme", async () => {
    expect(await credentials(await localToken("alice"))).toMatchObject({ Version: 1 });
  });

  it("is kept by no cache, refused or not", async () => {
    for (const authorization of [`Bearer ${await localToken("alice")}`, "Bearer none", "AWS4-HMAC-SHA256 none"]) {
      expect((await get({ authorization })).headers.get("cache-control")).toBe("no-store");
    }
  });

  it("writes one line, which names no user and holds no secret", async () => {
    const token = await localToken("alice");
    const { AccessKeyId, SecretAccessKey, Token } = await credentials(`Bearer ${token}`);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { event: "request", operation: "GetCredentials", kind: "ok", reason: "none", status: 200 },
    ]);
    for (const secret of ["alice", token, AccessKeyId, SecretAccessKey, Token]) {
      expect(logged.join()).not.toContain(secret);
    }
  });

  it("is not there where no secrets are configured, and says so", async () => {
    const app = appWith({}, DEPLOYED_VARIABLES);
    const response = await get({ authorization: `Bearer ${await localToken("alice")}` }, app);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      Code: "NotFound",
      Message: expect.stringContaining("SESSION_SECRETS"),
    });
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"])("takes no %s", async (method) => {
    const response = await ask(appWith(), "/credentials", { method, headers: {} });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  it.each(["/credentials/", "/credentials/x", "/Credentials", "/x/credentials"])("is not at %s", async (path) => {
    const response = await get({ authorization: `Bearer ${await localToken("alice")}` }, appWith(), path);
    expect(response.status).toBe(404);
  });

  it("is counted with the other calls of the same user, and refused beyond their rate", async () => {
    const keys: string[] = [];
    const callerRate = { limit: async ({ key }: { key: string }) => ({ success: keys.push(key) < 4 }) };
    const app = appWith({ callerRate });
    const statuses: number[] = [];
    for (const user of ["alice", "alice", "bob", "alice"]) {
      statuses.push((await get({ authorization: `Bearer ${await localToken(user)}` }, app)).status);
    }
    const [first, second, third, fourth] = keys;
    expect([first === second, first === third, first === fourth]).toEqual([true, false, true]);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});

describe("credentials are given to the bearer of a token alone:", () => {
  const refusal = async (headers: Record<string, string>, path = "/credentials") => {
    const response = await get(headers, appWith(), path);
    const type = response.headers.get("x-amzn-errortype");
    return { status: response.status, type, ...JSON.parse(logged.at(-1) ?? "{}") };
  };
  const REQUIRED = { status: 401, type: "UnauthorizedClientException", reason: "TOKEN_REQUIRED" };

  it("to nobody without one", async () => {
    expect(await refusal({})).toMatchObject(REQUIRED);
    expect(await refusal({ authorization: "Basic QTpC" })).toMatchObject(REQUIRED);
  });

  it("to no access key, by header or presigned URL", async () => {
    expect(await refusal(await signedHeaders(AT, GET))).toMatchObject(REQUIRED);
    const { pathname, search } = new URL(await presignedUrl(AT, GET));
    expect(await refusal({}, pathname + search)).toMatchObject(REQUIRED);
  });

  it("to no session: it would outlive its token for ever", async () => {
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = await credentials();
    const session = { accessKeyId, secretAccessKey, sessionToken };
    expect(await refusal(await signedHeaders(AT, GET, session))).toMatchObject(REQUIRED);
    const { pathname, search } = new URL(await presignedUrl(AT, GET, session));
    expect(await refusal({}, pathname + search)).toMatchObject(REQUIRED);
    expect(await refusal({ authorization: `Bearer ${sessionToken}` })).toMatchObject({ fault: "NOT_A_JWT" });
    expect(await refusal({ authorization: sessionToken })).toMatchObject(REQUIRED);
  });

  it("to no token that is refused elsewhere, for the same reason", async () => {
    const token = await localToken("alice");
    const broken = `${token.slice(0, -4)}AAAA`;
    expect(await refusal({ authorization: broken })).toMatchObject({
      reason: "TOKEN_REFUSED",
      fault: "WRONG_SIGNATURE",
    });
    expect(await refusal({ authorization: "Bearer" })).toMatchObject({ reason: "TOKEN_REFUSED", fault: "NOT_A_JWT" });
  });

  it("and elsewhere a token without its scheme is none", async () => {
    const authorization = await localToken("alice");
    expect(await refusal({ authorization }, "/app-instance-users/arn/endpoints")).toMatchObject({ fault: "NO_SCHEME" });
  });
});

describe("a web page", () => {
  const PAGE = "https://app.example.com";

  it("of an allowed origin may ask for credentials, and read them", async () => {
    const app = appWith({}, { ...LOCAL_VARIABLES, ALLOWED_ORIGINS: PAGE });
    const authorization = `Bearer ${await localToken("alice")}`;
    const preflight = await ask(app, "/credentials", {
      method: "OPTIONS",
      headers: {
        ...{ origin: PAGE, "access-control-request-method": "GET" },
        "access-control-request-headers": "authorization",
      },
    });
    const response = await get({ origin: PAGE, authorization }, app);
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      expect.stringContaining("authorization"),
    ]);
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, PAGE]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("of another origin may not", async () => {
    const authorization = `Bearer ${await localToken("alice")}`;
    expect((await get({ origin: PAGE, authorization })).status).toBe(403);
  });
});
