import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createRollcallClient, type RollcallClient } from "../../src/client/index.ts";
import { localToken } from "../../src/command/local.ts";
import { LOCAL_TOKENS } from "../../src/worker/auth/local-principals.ts";
import { testStory } from "../support/client-story.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { tell } from "../support/package-story.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

testStory("Node, from its source", tell);

const server = serveOnWorkerd();
const slow = serveOnWorkerd({ LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1", OPERATION_BURST: "1" });

function registration(appInstanceUserArn = freshUserArn()) {
  return { appInstanceUserArn, resourceArn: RESOURCE_ARN, type: 3, endpointAttributes: { deviceToken: "device-1" } };
}

async function idsOf(client: RollcallClient, appInstanceUserArn: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { endpointId } of client.listAllAppInstanceUserEndpoints({ appInstanceUserArn })) {
    ids.push(endpointId);
  }
  return ids;
}

describe("the client", () => {
  it("registers once where the answer to its first attempt was lost", async () => {
    const statuses: number[] = [];
    const client = createRollcallClient({
      baseUrl: server.url,
      credentials: LOCAL_CREDENTIALS,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        statuses.push(response.status);
        return statuses.length === 1 ? Promise.reject(new TypeError("fetch failed")) : response;
      },
    });
    const request = registration();
    const { endpointId } = await client.registerAppInstanceUserEndpoint(request);
    expect(statuses).toEqual([200, 200]);
    expect(await idsOf(client, request.appInstanceUserArn)).toEqual([endpointId]);
  });

  it("gets a new token when the server says that the last has expired", async () => {
    const request = registration();
    const user = request.appInstanceUserArn.split("/").at(-1) ?? "";
    const expired = await new SignJWT()
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer(LOCAL_TOKENS.issuer)
      .setAudience(LOCAL_TOKENS.audience)
      .setSubject(user)
      .setExpirationTime("1 hour ago")
      .sign(new TextEncoder().encode(LOCAL_TOKENS.secret));
    const forced: boolean[] = [];
    const client = createRollcallClient({
      baseUrl: server.url,
      credentials: ({ forceRefresh }) => {
        forced.push(forceRefresh);
        return forceRefresh ? localToken(user) : expired;
      },
    });
    await client.registerAppInstanceUserEndpoint(request);
    expect(forced).toEqual([false, true]);
  });

  it("waits as a server asks that allows one call a second, until three have been served", async () => {
    const client = createRollcallClient({ baseUrl: slow.url, credentials: LOCAL_CREDENTIALS, maxAttempts: 20 });
    const request = { ...registration(), clientRequestToken: "request-1" };
    const calls = [1, 2, 3].map(() => client.registerAppInstanceUserEndpoint(request));
    const ids = (await Promise.all(calls)).map(({ endpointId }) => endpointId);
    expect(new Set(ids).size).toBe(1);
  });
});
