import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { ALICE_ACCESS_KEY_ID, ALICE_SECRET_ACCESS_KEY } from "../../src/worker/auth/local-principals.ts";
import type { Given, Told } from "./package-story.ts";
import { serveOnWorkerd } from "./workerd.ts";

/** What comes of every scene of test/support/package-story.ts, whoever calls, and wherever the client runs. */
const EXPECTED: Told = {
  "register, attempted twice with one token": "one endpoint",
  describe: "the token as it was sent",
  update: "the endpoint's id",
  list: "old phone,",
  "list all, by pages of one": "old phone,",
  deregister: "1 left",
  "register a registered device": "conflict DEVICE_ALREADY_REGISTERED, first endpoint, request id",
  "register with a used token": "conflict REQUEST_TOKEN_REUSED, first endpoint, request id",
  "register with the token of an endpoint that is gone": "conflict ENDPOINT_DEREGISTERED, second endpoint, request id",
  "register with broken constraints":
    "invalid CONSTRAINTS_VIOLATED name: string.max_len endpointAttributes.deviceToken: required, request id",
  "register with a huge token": "too_large BODY_TOO_LARGE, request id",
  "register one too many": "limit_exceeded ENDPOINT_LIMIT_EXCEEDED, 10, request id",
  "describe what is not there": "not_found ENDPOINT_NOT_FOUND, request id",
  "list with a wrong token": "invalid NEXT_TOKEN_INVALID, request id",
  "list another's": "forbidden NOT_AUTHORIZED, chime:ListAppInstanceUserEndpoints, request id",
  "without credentials": "credentials",
  "when too many calls are made": "throttled OPERATION_RATE_EXCEEDED, ms, request id",
  "when the token can't be checked": "unavailable ISSUER_UNREACHABLE, ms, request id",
  "where there is no such operation": "unimplemented UNKNOWN_OPERATION, request id",
  "where connections are dropped": "network",
  "where nothing answers in time": "deadline_exceeded",
  "until it is canceled": "canceled",
};

const CALLERS = {
  "a bearer token": {
    credentials: await localToken("alice"),
    refused: "unauthenticated TOKEN_REFUSED, request id",
  },
  "an AWS access key": {
    credentials: { accessKeyId: ALICE_ACCESS_KEY_ID, secretAccessKey: ALICE_SECRET_ACCESS_KEY },
    refused: "unauthenticated SIGNATURE_REFUSED, request id",
  },
};

export const ORPHAN = {
  tokenIssuer: { issuer: "orphan", audience: "rollcall", algorithm: "RS256", jwksUrl: "http://127.0.0.1:1/jwks" },
  policy: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: "*" } },
};

/** It needs no signature, for the keys that would check it can't be had. */
export const ORPHAN_TOKEN = [{ alg: "RS256" }, { iss: "orphan", aud: "rollcall" }, {}]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".");

/** Has the story told by a runner in one environment, and compares it scene by scene. */
export function testStory(environment: string, tell: (given: Given) => Promise<Told>): void {
  const server = serveOnWorkerd({ LOCAL_MODE: "true", PRINCIPAL_ORPHAN: JSON.stringify(ORPHAN) });
  const dropping = createServer(({ socket }) => socket.destroy());
  const silent = createServer(() => {});
  afterAll(() => {
    for (const http of [dropping, silent]) {
      http.closeAllConnections();
      http.close();
    }
  });

  describe.each(Object.entries(CALLERS))(`the client with %s in ${environment}`, (_, { credentials, refused }) => {
    let told: Told = {};
    beforeAll(async () => {
      const [droppingUrl, silentUrl] = [await urlOf(dropping), await urlOf(silent)];
      told = await tell({ url: server.url, droppingUrl, silentUrl, credentials, orphanToken: ORPHAN_TOKEN });
    });

    it.each(Object.entries({ ...EXPECTED, "with wrong credentials": refused }))("%s: %s", (scene, expected) => {
      expect(told[scene]).toBe(expected);
    });
  });
}

async function urlOf(server: Server): Promise<string> {
  if (!server.listening) {
    await once(server.listen(0, "127.0.0.1"), "listening");
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
