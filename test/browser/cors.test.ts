import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serve } from "../support/server.ts";
import { serveSite } from "../support/site.ts";
import type * as page from "./cors-page.ts";
import type { Registration, Told } from "./cors-page.ts";

declare const site: typeof page;

const server = serve();
const pages = serveSite(join(import.meta.dirname, "cors-page.ts"));

/** Local mode lets pages of localhost call, and a name below it is another origin of the same machine. */
const ALLOWED = "localhost";
const OTHER = "other.localhost";

function registration(): Registration {
  return { arn: freshUserArn(), resourceArn: RESOURCE_ARN, deviceToken: "device-1", requestToken: "request-1" };
}

interface Caller {
  /** What this client calls a conflict. */
  readonly conflict: string;
  /** What it calls refused credentials. */
  readonly refused: string;
  /** Registers from a page, with this secret or bearer token if not with local mode's. */
  register(from: Page, asked: Registration, secret?: string): Promise<Told>;
}

function connect(protocol: "Connect" | "gRPC-Web"): Caller {
  return {
    conflict: "DEVICE_ALREADY_REGISTERED",
    refused: "TOKEN_REFUSED",
    async register(from, asked, secret) {
      const bearer = secret ?? (await localToken(asked.arn.split("/").at(-1) ?? ""));
      return from.evaluate((given) => site.registerByConnect(...given), [protocol, server.url, bearer, asked] as const);
    },
  };
}

const awsSdk: Caller = {
  conflict: "ConflictException",
  refused: "UnauthorizedClientException",
  register(from, asked, secretAccessKey = LOCAL_CREDENTIALS.secretAccessKey) {
    const credentials = { ...LOCAL_CREDENTIALS, secretAccessKey };
    return from.evaluate((given) => site.registerByAwsSdk(...given), [server.url, credentials, asked] as const);
  },
};

const CALLERS: [string, Caller][] = [
  ["Connect", connect("Connect")],
  ["gRPC-Web", connect("gRPC-Web")],
  ["the AWS SDK for JavaScript", awsSdk],
];

const AN_ID = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe.each(CALLERS)("a page that calls by %s", (_, caller) => {
  it("registers, and reads the request id", async () => {
    const told = await caller.register(await pages.open(ALLOWED), registration());
    expect(told).toEqual({ endpointId: AN_ID, requestId: AN_ID });
  });

  it("reads which endpoint is in the way of its registration", async () => {
    const from = await pages.open(ALLOWED);
    const asked = registration();
    const { endpointId = "" } = await caller.register(from, asked);
    const told = await caller.register(from, { ...asked, requestToken: "request-2" });
    expect(told).toMatchObject({ error: caller.conflict, requestId: AN_ID });
    expect(JSON.stringify(told)).toContain(endpointId);
  });

  it("reads why its credentials are refused", async () => {
    const told = await caller.register(await pages.open(ALLOWED), registration(), "of-nobody");
    expect(told).toMatchObject({ error: caller.refused, requestId: AN_ID });
  });

  it("of an origin that is not allowed is stopped by the browser before anything is written", async () => {
    const from = await pages.open(OTHER);
    const lines: string[] = [];
    from.on("console", (line) => lines.push(line.text()));
    const asked = registration();
    const told = await caller.register(from, asked);
    expect(told).toMatchObject({ error: expect.stringContaining("Failed to fetch"), requestId: undefined });
    await expect
      .poll(() => lines.join())
      .toMatch(/from origin 'http:\/\/other\.localhost:\d+' has been blocked by CORS policy/);

    // The request token is not taken, so that other input is no conflict.
    const allowed = await caller.register(await pages.open(ALLOWED), { ...asked, deviceToken: "device-2" });
    expect(allowed).toEqual({ endpointId: AN_ID, requestId: AN_ID });
  });
});
