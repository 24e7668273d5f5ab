import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../src/auth/authenticate.ts";
import { readPrincipals } from "../../src/auth/principals.ts";

const NOW = Date.UTC(2026, 10, 23);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SECRET = "a secret of thirty-two characters or more";
const NEXT_SECRET = "the secret that will be used from next week";
const JWKS_URL = "https://issuer.example.com/jwks.json";
const POLICY = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: "*" } };
const REFUSED = { kind: "unauthenticated", reason: "TOKEN_REFUSED" };
const UNREACHABLE = { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: 30_000 };

const rsa = await generateKeyPair("RS256", { extractable: true });
const other = await generateKeyPair("RS256", { extractable: true });
const publicKey = { ...(await exportJWK(rsa.publicKey)), kid: "1", alg: "RS256" };
const otherPublicKey = { ...(await exportJWK(other.publicKey)), kid: "2", alg: "RS256" };

function principals(tokenIssuer: object) {
  const issuer = { issuer: "https://issuer.example.com/", audience: "rollcall", ...tokenIssuer };
  const document = JSON.stringify({ tokenIssuer: issuer, policy: POLICY });
  return readPrincipals({ PRINCIPAL_APP: document }, { localMode: false, signingRegions: [] });
}

const bySecret = () => principals({ secrets: [SECRET, NEXT_SECRET] });
const byKeySet = () => principals({ jwksUrl: JWKS_URL, algorithm: "RS256" });

function claims(changes: Record<string, unknown> = {}): JWTPayload {
  const exp = NOW / 1_000 + 300;
  return { iss: "https://issuer.example.com/", aud: "rollcall", sub: "alice", exp, ...changes };
}

function sign(payload: JWTPayload, secret: string | CryptoKey = SECRET, header: { alg?: string; kid?: string } = {}) {
  const key = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  return new SignJWT(payload).setProtectedHeader({ alg: "HS256", ...header }).sign(key);
}

function signByKey(key = rsa.privateKey, kid?: string) {
  return sign(claims(), key, { alg: "RS256", ...(kid !== undefined && { kid }) });
}

function present(token: string, to: ReturnType<typeof principals>, now = NOW) {
  const request = new Request("https://rollcall.example.com/", { headers: { authorization: `Bearer ${token}` } });
  return authenticate(request, new Uint8Array(), to, now);
}

/** The issuer answers with this from now on. */
function issuerAnswers(answer: () => Response | Promise<Response>) {
  return vi
    .spyOn(globalThis, "fetch")
    .mockClear()
    .mockImplementation(async () => answer());
}

const keySet = (...keys: object[]) => Response.json({ keys });

afterEach(() => vi.restoreAllMocks());

describe("a token signed with a shared secret", () => {
  it("speaks for its subject", async () => {
    const caller = await present(await sign(claims({ tenant: "acme", level: 3 })), bySecret());
    expect(caller).toMatchObject({ kind: "caller", principal: "APP" });
    expect("claims" in caller && Object.fromEntries(caller.claims)).toEqual({
      iss: "https://issuer.example.com/",
      aud: "rollcall",
      sub: "alice",
      tenant: "acme",
    });
  });

  it("is let in by either of two live secrets", async () => {
    expect(await present(await sign(claims(), NEXT_SECRET), bySecret())).toMatchObject({ kind: "caller" });
  });

  it("may be meant for several audiences", async () => {
    const token = await sign(claims({ aud: ["elsewhere", "rollcall"] }));
    expect(await present(token, bySecret())).toMatchObject({ kind: "caller" });
  });

  it.each<[string, () => Promise<string> | string]>([
    ["by another secret", () => sign(claims(), "another secret of thirty-two characters or more")],
    ["of another issuer", () => sign(claims({ iss: "https://issuer.example.com" }))],
    ["for another audience", () => sign(claims({ aud: "Rollcall" }))],
    ["without an audience", () => sign(claims({ aud: undefined }))],
    ["without an expiry", () => sign(claims({ exp: undefined }))],
    ["not valid yet", () => sign(claims({ nbf: NOW / 1_000 + 61 }))],
    ["by another algorithm", () => sign(claims(), SECRET, { alg: "HS384" })],
    ["not signed", () => new UnsecuredJWT(claims()).encode()],
    ["with its signature cut off", async () => (await sign(claims())).replace(/\.[^.]+$/, ".")],
    ["that is none", () => "x"],
    ["with a payload that is none", () => "e30.W10.x"],
    ["with a header that is none", async () => (await sign(claims())).replace(/^[^.]+/, "e30x")],
    ["without a header", async () => (await sign(claims())).replace(/^[^.]+/, "")],
  ])("is refused: %s", async (_, token) => {
    expect(await present(await token(), bySecret())).toEqual(REFUSED);
  });

  it.each([
    [300_000 + MINUTE_MS - 1_000, { kind: "caller" }],
    [300_000 + MINUTE_MS, { kind: "unauthenticated", reason: "TOKEN_EXPIRED" }],
  ])("expires, a minute of skew allowed: %d ms later", async (laterMs, expected) => {
    expect(await present(await sign(claims()), bySecret(), NOW + laterMs)).toMatchObject(expected);
  });

  it("tells that it has expired only if it was its issuer's", async () => {
    const forged = await sign(claims({ exp: 1 }), "another secret of thirty-two characters or more");
    expect(await present(forged, bySecret())).toEqual(REFUSED);
  });
});

describe("a token signed with a published key", () => {
  it("is let in, and the key set is fetched once", async () => {
    const fetched = issuerAnswers(() => keySet(publicKey));
    const app = byKeySet();
    for (let n = 0; n < 3; n++) {
      expect(await present(await signByKey(), app, NOW + n * MINUTE_MS)).toMatchObject({ kind: "caller" });
    }
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]?.[0]).toBe(JWKS_URL);
  });

  it("is not let in by the public key taken for a secret", async () => {
    issuerAnswers(() => keySet(publicKey));
    for (const secret of [JSON.stringify(publicKey), publicKey.n ?? ""]) {
      expect(await present(await sign(claims(), secret, { kid: "1" }), byKeySet())).toEqual(REFUSED);
    }
  });

  it("is refused by another key under the same id", async () => {
    issuerAnswers(() => keySet(publicKey));
    expect(await present(await signByKey(other.privateKey, "1"), byKeySet())).toEqual(REFUSED);
  });

  it("is let in by either of two keys without ids", async () => {
    const nameless = [otherPublicKey, publicKey].map((key) => ({ ...key, kid: undefined }));
    issuerAnswers(() => keySet(...nameless));
    expect(await present(await signByKey(), byKeySet())).toMatchObject({ kind: "caller" });
  });

  it("is let in by a key that is new, but made-up ids cause one fetch in 30 s", async () => {
    issuerAnswers(() => keySet(publicKey));
    const app = byKeySet();
    await present(await signByKey(), app);
    const fetched = issuerAnswers(() => keySet(publicKey, otherPublicKey));
    const rotated = await signByKey(other.privateKey, "2");
    expect(await present(rotated, app, NOW + 29_999)).toEqual(REFUSED);
    expect(await present(rotated, app, NOW + 30_000)).toMatchObject({ kind: "caller" });
    for (let n = 0; n < 10; n++) {
      expect(await present(await signByKey(other.privateKey, `made-up-${n}`), app, NOW + 31_000)).toEqual(REFUSED);
    }
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

describe("while an issuer is down", () => {
  const failures: [string, () => Response | Promise<Response>][] = [
    ["refuses the connection", () => Promise.reject(new TypeError("connection refused"))],
    ["answers an error", () => new Response("no", { status: 500 })],
    ["redirects", () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example.com/" } })],
    ["answers what is no JSON", () => new Response("<html>")],
    ["answers what is no key set", () => Response.json({ keys: "x" })],
    ["answers without an end", () => new Response(endless())],
  ];

  it.each(failures)("that %s, the kept key set serves on for a day", async (_, failure) => {
    issuerAnswers(() => keySet(publicKey));
    const app = byKeySet();
    const token = await sign(claims({ exp: (NOW + 48 * HOUR_MS) / 1_000 }), rsa.privateKey, { alg: "RS256" });
    await present(token, app);
    issuerAnswers(failure);
    for (const hours of [1, 12, 24]) {
      expect(await present(token, app, NOW + hours * HOUR_MS)).toMatchObject({ kind: "caller" });
    }
    expect(await present(token, app, NOW + 24 * HOUR_MS + 1)).toEqual(UNREACHABLE);
    issuerAnswers(() => keySet(publicKey));
    expect(await present(token, app, NOW + 25 * HOUR_MS)).toMatchObject({ kind: "caller" });
  });

  it("without a kept key set callers are asked to come back, and the issuer is not asked by each of them", async () => {
    const fetched = issuerAnswers(() => new Response("no", { status: 500 }));
    const app = byKeySet();
    for (let n = 0; n < 5; n++) {
      expect(await present(await signByKey(), app, NOW + n * 1_000)).toEqual(UNREACHABLE);
    }
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(0x20)) });
}
