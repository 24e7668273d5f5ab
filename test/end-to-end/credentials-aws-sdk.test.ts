/**
 * The AWS SDK for JavaScript, told by its environment alone where credentials are to be had: its own chain of providers
 * fetches them, with a user's token that lies in a file.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChimeSDKIdentityClient,
  type ChimeSDKIdentityClientConfig,
  ForbiddenException,
  ListAppInstanceUserEndpointsCommand,
  RegisterAppInstanceUserEndpointCommand,
  UnauthorizedClientException,
} from "@aws-sdk/client-chime-sdk-identity";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { LOCAL_SESSION_SECRET, LOCAL_TOKENS } from "../../src/worker/auth/local-principals.ts";
import { seal } from "../../src/worker/auth/sessions/seal.ts";
import { DEPLOYED_VARIABLES } from "../support/credentials.ts";
import { awsRegistration } from "../support/requests.ts";
import { serve } from "../support/server.ts";
import { containerCredentials } from "../support/token-file.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serve();
const SESSION_SECRETS = JSON.stringify(["a secret that seals sessions in this test"]);
const deployed = serveOnWorkerd({ ...DEPLOYED_VARIABLES, SESSION_SECRETS });
const closed = serveOnWorkerd(DEPLOYED_VARIABLES);
const folder = mkdtempSync(join(tmpdir(), "rollcall-credentials-"));
const tokenFile = join(folder, "token");

const arnOf = (user: string) => `arn:aws:chime:us-east-1:123456789012:app-instance/test/user/${user}`;

beforeEach(() => {
  for (const [name, value] of Object.entries(containerCredentials(server.url, tokenFile))) {
    vi.stubEnv(name, value);
  }
  // Nothing of whoever runs the tests.
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"]) {
    vi.stubEnv(name, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

/** Signs a user in: their token lies in the file from now on. */
async function signIn(user: string, life?: string): Promise<void> {
  writeFileSync(tokenFile, await localToken(user, life));
}

/** One attempt only, so that a refusal is seen as it is. */
function client(config: ChimeSDKIdentityClientConfig = {}): ChimeSDKIdentityClient {
  return new ChimeSDKIdentityClient({ endpoint: server.url, region: "us-east-1", maxAttempts: 1, ...config });
}

function list(by: ChimeSDKIdentityClient, user: string) {
  return by.send(new ListAppInstanceUserEndpointsCommand({ AppInstanceUserArn: arnOf(user) }));
}

/** How often credentials were asked for. */
function fetches(): number {
  const lines = server.harness.getLogs().map(({ message }) => message);
  return lines.filter((line) => line.includes('"operation":"GetCredentials"')).length;
}

describe("the AWS SDK for JavaScript", () => {
  it("fetches credentials for the user whose token it has, once, and calls with them", async () => {
    await signIn("anna");
    const before = fetches();
    const sdk = client();
    const registration = { ...awsRegistration(), AppInstanceUserArn: arnOf("anna") };
    const { EndpointId } = await sdk.send(new RegisterAppInstanceUserEndpointCommand(registration));
    const { AppInstanceUserEndpoints: [endpoint, ...more] = [] } = await list(sdk, "anna");
    expect([endpoint?.EndpointId, more]).toEqual([EndpointId, []]);
    expect(fetches() - before).toBe(1);
    expect((await sdk.config.credentials()).expiration?.getTime()).toBeGreaterThan(Date.now() + 59 * 60_000);
  });

  it("may not call for another user", async () => {
    await signIn("anna");
    await expect(list(client(), "bert")).rejects.toBeInstanceOf(ForbiddenException);
  });

  it("fetches anew, by the token that the file has by then, once fewer than five minutes are left", async () => {
    const sdk = client();
    await signIn("carl", "90 seconds");
    await list(sdk, "carl");
    const { accessKeyId } = await sdk.config.credentials();
    await signIn("carl");
    // It calls with what it has while it fetches.
    await vi.waitFor(
      async () => {
        const { accessKeyId: current, expiration } = await sdk.config.credentials();
        expect(current).not.toBe(accessKeyId);
        expect(expiration?.getTime()).toBeGreaterThan(Date.now() + 59 * 60_000);
      },
      { timeout: 10_000 },
    );
    expect((await list(sdk, "carl")).$metadata.httpStatusCode).toBe(200);
  });

  it("is refused with a session that was altered, and told to get another", async () => {
    await signIn("anna");
    const { accessKeyId, secretAccessKey, sessionToken = "" } = await client().config.credentials();
    const altered = `${sessionToken.slice(0, -2)}${sessionToken.endsWith("AA") ? "BB" : "AA"}`;
    const call = list(client({ credentials: { accessKeyId, secretAccessKey, sessionToken: altered } }), "anna");
    await expect(call).rejects.toBeInstanceOf(UnauthorizedClientException);
    await expect(call).rejects.toThrow("get new credentials");
  });

  it("gets no credentials with a token that is refused, and says why", async () => {
    writeFileSync(tokenFile, "e30.e30.e30");
    await expect(list(client(), "anna")).rejects.toThrow();
    expect(
      server.harness
        .getLogs()
        .map(({ message }) => message)
        .join(),
    ).toContain('"fault":"UNKNOWN_ISSUER"');
  });

  it("is told that a session has expired by the exception that AWS has for it", async () => {
    const now = Date.now();
    const session = {
      ...{ accessKeyId: "ASIAQNZGKIQY56JQ7WML", principal: "LOCAL_TOKENS", audienceClaim: "aud" },
      ...{ issuer: LOCAL_TOKENS.issuer, audience: LOCAL_TOKENS.audience, claims: [["sub", "anna"] as const] },
    };
    const credentialsUntil = async (expiresAt: number) => ({
      accessKeyId: session.accessKeyId,
      ...(await seal({ ...session, expiresAt }, LOCAL_SESSION_SECRET)),
    });
    const live = client({ credentials: await credentialsUntil(now + 60_000) });
    const expired = client({ credentials: await credentialsUntil(now - 1) });
    expect((await list(live, "anna")).$metadata.httpStatusCode).toBe(200);
    await expect(list(expired, "anna")).rejects.toMatchObject({
      ...{ name: "ExpiredTokenException", $metadata: { httpStatusCode: 403 } },
    });
  });

  it("needs no clock that is right: it gets credentials and sets its clock by the first refusal", async () => {
    await signIn("anna");
    for (const systemClockOffset of [-20 * 60_000, 20 * 60_000]) {
      const sdk = client({ systemClockOffset, maxAttempts: 3 });
      await list(sdk, "anna").catch(() => undefined);
      expect((await list(sdk, "anna")).$metadata.httpStatusCode).toBe(200);
    }
  });
});

describe("the provider that docs/credentials.md shows", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../docs/credentials.md"), "utf8");
  const [, code = ""] = /^```js\n(.*?)^```$/ms.exec(docs) ?? [];
  afterEach(() => vi.useRealTimers());

  it.each([-20, 0, 20])("has credentials expire in time by a clock that is %d minutes off", async (minutes) => {
    const make = new Function("ChimeSDKIdentityClient", "url", "token", `${code}\nreturn client;`);
    const token = await localToken("anna");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + minutes * 60_000 });
    const sdk: ChimeSDKIdentityClient = make(ChimeSDKIdentityClient, server.url, async () => token);
    const lifeMs = ((await sdk.config.credentials()).expiration?.getTime() ?? 0) - Date.now();
    expect(Math.abs(lifeMs - 60 * 60_000)).toBeLessThan(5_000);
  });
});

describe("a deployment", () => {
  it("gives credentials where secrets are configured, and they are good there and nowhere else", async () => {
    await signIn("anna");
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${deployed.url}/credentials`);
    const { credentials } = client().config;
    expect((await list(client({ endpoint: deployed.url }), "anna")).$metadata.httpStatusCode).toBe(200);
    await expect(list(client({ credentials }), "anna")).rejects.toBeInstanceOf(UnauthorizedClientException);
  });

  it("has nothing there where none are", async () => {
    const response = await fetch(`${closed.url}/credentials`);
    expect([response.status, (await response.json()) as object]).toMatchObject([404, { Code: "NotFound" }]);
  });
});
