import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CredentialsProvider } from "../../src/client/index.ts";
import { authenticate } from "../../src/worker/auth/authenticate.ts";
import { readPrincipals } from "../../src/worker/auth/principals.ts";
import type { Failure } from "../../src/worker/model/failure.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { refusalOf, type ScriptedServer, scriptedServer } from "../support/scripted-server.ts";

const TOKEN_EXPIRED: Failure = { kind: "unauthenticated", reason: "TOKEN_EXPIRED" };
const SESSION_EXPIRED: Failure = { kind: "signature", reason: "SESSION_EXPIRED" };
const UNAVAILABLE: Failure = { kind: "unavailable", reason: "USER_OVERLOADED", retryAfterMs: 0 };

beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
});

function sent({ asked }: ScriptedServer): (string | null)[] {
  return asked.map(({ headers }) => headers.get("authorization"));
}

/** Answers "token-1", "token-2" and so on, and keeps what it was asked for. */
function tokens() {
  const forced: boolean[] = [];
  const provider: CredentialsProvider = async ({ forceRefresh }) => `token-${forced.push(forceRefresh)}`;
  return { forced, provider };
}

describe("a bearer token", () => {
  it("is sent with every attempt", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    await server.client({ credentials: "a.b.c" }).registerAppInstanceUserEndpoint({});
    expect(sent(server)).toEqual(["Bearer a.b.c", "Bearer a.b.c"]);
  });

  it("is not carried to where a redirect leads", async () => {
    const server = scriptedServer(
      new Response(null, { status: 307, headers: { location: "https://elsewhere.example" } }),
    );
    await refusalOf(server.client({ maxAttempts: 1 }).registerAppInstanceUserEndpoint({}));
    expect(server.asked.map(({ redirect }) => redirect)).toEqual(["manual"]);
  });

  it("that has expired is not sent again", async () => {
    const server = scriptedServer(TOKEN_EXPIRED);
    const error = await refusalOf(server.client({ credentials: "a.b.c" }).registerAppInstanceUserEndpoint({}));
    expect(error.failure).toEqual({ kind: "unauthenticated", reason: "TOKEN_EXPIRED" });
    expect(server.asked).toHaveLength(1);
  });

  it.each(["", "two words", "a\nb", "tokén"])(
    "that no header can hold is not sent, and not told: %j",
    async (token) => {
      const server = scriptedServer("ok");
      const error = await refusalOf(server.client({ credentials: token }).registerAppInstanceUserEndpoint({}));
      expect(error.failure).toEqual({ kind: "credentials" });
      expect(String(error.cause)).toContain("The token is empty, or has spaces");
      expect(token !== "" && `${error.message} ${error.cause}`.includes(token)).toBe(false);
      expect(server.asked).toEqual([]);
    },
  );
});

describe("a function that answers tokens", () => {
  it("is asked before every attempt", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    const { provider, forced } = tokens();
    await server.client({ credentials: provider }).registerAppInstanceUserEndpoint({});
    expect(sent(server)).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(forced).toEqual([false, false]);
  });

  it("is asked for a new one when the last has expired, at once and once a call", async () => {
    const server = scriptedServer(TOKEN_EXPIRED, UNAVAILABLE, "ok", TOKEN_EXPIRED, TOKEN_EXPIRED, "ok");
    const { provider, forced } = tokens();
    const client = server.client({ credentials: provider });
    await client.registerAppInstanceUserEndpoint({});
    expect(forced).toEqual([false, true, false]);

    const error = await refusalOf(client.registerAppInstanceUserEndpoint({}));
    expect(error.failure).toEqual({ kind: "unauthenticated", reason: "TOKEN_EXPIRED" });
    expect(forced).toEqual([false, true, false, false, true]);
  });

  it("is asked for a new one by a client that was made for one attempt, too", async () => {
    const server = scriptedServer(TOKEN_EXPIRED, "ok");
    const { provider } = tokens();
    await server.client({ credentials: provider, maxAttempts: 1 }).registerAppInstanceUserEndpoint({});
    expect(sent(server)).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  it("is not asked for a new one when the last is refused for another reason", async () => {
    const server = scriptedServer({ kind: "unauthenticated", reason: "TOKEN_REFUSED", fault: "UNKNOWN_ISSUER" });
    const { provider, forced } = tokens();
    await refusalOf(server.client({ credentials: provider }).registerAppInstanceUserEndpoint({}));
    expect(forced).toEqual([false]);
  });

  it("fails the call with what it throws as the cause, and nothing is sent", async () => {
    const server = scriptedServer("ok");
    const thrown = new Error("signed out");
    const credentials = () => Promise.reject(thrown);
    const error = await refusalOf(server.client({ credentials }).registerAppInstanceUserEndpoint({}));
    expect(error.failure).toEqual({ kind: "credentials" });
    expect(error.cause).toBe(thrown);
    expect(server.asked).toEqual([]);
  });
});

describe("an AWS access key", () => {
  const keys = { accessKeyId: "AKIDEXAMPLE000000001", secretAccessKey: "s".repeat(40), sessionToken: "tok/+=" };

  it("signs, so that the server's own check lets it in", async () => {
    const server = scriptedServer(UNAVAILABLE, "ok");
    await server.client({ credentials: LOCAL_CREDENTIALS, region: "eu-west-1" }).registerAppInstanceUserEndpoint({});
    const principals = readPrincipals({}, { localMode: true, signingRegions: ["eu-west-1"] });
    expect(server.asked).toHaveLength(2);
    for (const { url, headers, body } of server.asked) {
      const request = new Request(url, { method: "POST", headers });
      expect(await authenticate({ request, url: new URL(url), body }, principals, Date.now())).toMatchObject({
        principal: "LOCAL",
      });
    }
  });

  it("of temporary credentials goes with its session token", async () => {
    const server = scriptedServer("ok");
    await server.client({ credentials: keys }).registerAppInstanceUserEndpoint({});
    expect(server.asked[0]?.headers.get("x-amz-security-token")).toBe("tok/+=");
    expect(sent(server)[0]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE000000001\/\d{8}\/us-east-1\/chime\//);
  });

  it("comes anew from its function when the session has expired", async () => {
    const server = scriptedServer(SESSION_EXPIRED, "ok");
    const credentials = vi.fn(async () => keys);
    await server.client({ credentials }).registerAppInstanceUserEndpoint({});
    expect(credentials.mock.calls).toEqual([[{ forceRefresh: false }], [{ forceRefresh: true }]]);
  });

  it.each([{ accessKeyId: "AKIDEXAMPLE\n" }, { sessionToken: "tok\n" }])(
    "that no header can hold is not sent, and not told: %j",
    async (change) => {
      const server = scriptedServer("ok");
      const credentials = { ...keys, ...change };
      const error = await refusalOf(server.client({ credentials }).registerAppInstanceUserEndpoint({}));
      expect(error.failure).toEqual({ kind: "credentials" });
      expect(String(error.cause)).toMatch(/^Error: The (access key id|session token) is empty, or has spaces/);
      expect(server.asked).toEqual([]);
    },
  );
});
