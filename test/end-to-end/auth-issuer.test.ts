import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, describe, expect, it } from "vitest";
import { freshUserArn } from "../support/requests.ts";
import { serve } from "../support/server.ts";
import { connectRegister, send } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
const keys = [{ ...(await exportJWK(publicKey)), kid: "1" }];

/** An issuer's web server. */
async function listen(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` };
}

let fetches = 0;
const healthy = await listen((_, response) => {
  fetches++;
  response.end(JSON.stringify({ keys }));
});
const silent = await listen(() => {});
const endless = await listen((_, response) => {
  const write = () => response.writable && response.write(" ".repeat(10_000), () => setTimeout(write, 1));
  write();
});
const trickling = await listen((_, response) => {
  const timer = setInterval(() => response.write(" "), 100);
  response.on("close", () => clearInterval(timer));
});
const issuers = { healthy, silent, endless, trickling };
const server = serve(principals(issuers));

let nearFetches = 0;
const near = await listen((_, response) => {
  nearFetches++;
  response.end(JSON.stringify({ keys }));
});
const named = { url: near.url.replace("127.0.0.1", "localhost"), server: near.server };
const redirecting = await listen((_, response) => {
  response.writeHead(302, { location: near.url }).end();
});
const onOneMachine = { near, named, redirecting };
const bare = serveOnWorkerd(principals(onOneMachine));
afterAll(() => {
  for (const issuer of [...Object.values(issuers), ...Object.values(onOneMachine)]) {
    issuer.server.closeAllConnections();
    issuer.server.close();
  }
});

function principals(of: Record<string, { url: string }>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(of).map(([name, { url }]) => [`PRINCIPAL_${name.toUpperCase()}`, principal(name, url)]),
  );
}

function principal(issuer: string, jwksUrl: string): string {
  const Resource = `arn:aws:chime:us-east-1:123456789012:app-instance/test/user/\${jwt:sub}`;
  return JSON.stringify({
    tokenIssuer: { issuer, audience: "rollcall", jwksUrl, algorithm: "ES256" },
    policy: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource } },
  });
}

async function register(issuer: string, { url }: { readonly url: string } = server) {
  const arn = freshUserArn();
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: "1" })
    .setIssuer(issuer)
    .setAudience("rollcall")
    .setSubject(arn.split("/").at(-1) ?? "")
    .setExpirationTime("5 minutes")
    .sign(privateKey);
  const { headers, ...request } = connectRegister({}, arn);
  const { status, reason } = await send(url, {
    ...request,
    headers: { ...headers, authorization: `Bearer ${token}` },
  });
  return { status, reason };
}

describe("an issuer with a key set", () => {
  it("is asked for it once, also by many callers one after another, and then need not be there", async () => {
    expect(await register("healthy")).toEqual({ status: 200, reason: "" });
    expect(await register("healthy")).toEqual({ status: 200, reason: "" });
    healthy.server.closeAllConnections();
    healthy.server.close();
    expect(await Promise.all(Array.from({ length: 20 }, () => register("healthy")))).toEqual(
      Array(20).fill({ status: 200, reason: "" }),
    );
    expect(fetches).toBe(1);
  });

  // At once, for each takes as long as is waited for it.
  it.concurrent.each(["silent", "endless", "trickling"])("that is %s is waited for only so long", async (issuer) => {
    const started = Date.now();
    expect(await register(issuer)).toEqual({ status: 503, reason: "ISSUER_UNREACHABLE" });
    expect(Date.now() - started).toBeLessThan(6_000);
    const again = Date.now();
    expect(await register(issuer)).toEqual({ status: 503, reason: "ISSUER_UNREACHABLE" });
    expect(Date.now() - again).toBeLessThan(1_000);
  });
});

describe("an issuer on this machine, for a server on bare workerd", () => {
  it.each(["near", "named"])("is asked for its keys: %s", async (issuer) => {
    expect(await register(issuer, bare)).toEqual({ status: 200, reason: "" });
  });

  it("leads it nowhere else", async () => {
    const before = nearFetches;
    expect(await register("redirecting", bare)).toEqual({ status: 503, reason: "ISSUER_UNREACHABLE" });
    expect(nearFetches).toBe(before);
  });
});
