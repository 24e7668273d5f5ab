import { CompactSign, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../../src/worker/auth/authenticate.ts";
import { readPrincipals } from "../../../src/worker/auth/principals.ts";

const NOW = Date.UTC(2026, 10, 23);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SECRET = "a secret of thirty-two characters or more";
const OTHER_SECRET = "another secret of thirty-two characters or more";
const NEXT_SECRET = "the secret that will be used from next week";
const JWKS_URL = "https://issuer.example.com/jwks.json";
const POLICY = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: "*" } };
const UNREACHABLE = { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: 5_000 };

const rsa = await generateKeyPair("RS256", { extractable: true });
const other = await generateKeyPair("RS256", { extractable: true });
const publicKey = { ...(await exportJWK(rsa.publicKey)), kid: "1", alg: "RS256" };
const otherPublicKey = { ...(await exportJWK(other.publicKey)), kid: "2", alg: "RS256" };

function refused(fault: string) {
  return { kind: "unauthenticated", reason: "TOKEN_REFUSED", fault };
}

function principals(...tokenIssuers: object[]) {
  const documents = tokenIssuers.map((tokenIssuer, index) => {
    const issuer = { issuer: "https://issuer.example.com/", audience: "rollcall", ...tokenIssuer };
    return [`PRINCIPAL_APP${index || ""}`, JSON.stringify({ tokenIssuer: issuer, policy: POLICY })];
  });
  return readPrincipals(Object.fromEntries(documents), { localMode: false, signingRegions: [] });
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

const TO_ROLLCALL = `"iss": "https://issuer.example.com/", "aud": "rollcall", "sub": "alice"`;

function signText(payload: string) {
  const encoder = new TextEncoder();
  return new CompactSign(encoder.encode(payload)).setProtectedHeader({ alg: "HS256" }).sign(encoder.encode(SECRET));
}

function signByKey(key = rsa.privateKey, kid?: string) {
  return sign(claims(), key, { alg: "RS256", ...(kid !== undefined && { kid }) });
}

function present(token: string, to: ReturnType<typeof principals>, now = NOW) {
  return presentHeader(`Bearer ${token}`, to, now);
}

function presentHeader(authorization: string, to: ReturnType<typeof principals>, now = NOW) {
  const url = new URL("https://rollcall.example.com/");
  return authenticate(
    { request: new Request(url, { headers: { authorization } }), url, body: new Uint8Array() },
    to,
    now,
  );
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

  it.each<[string, string, () => Promise<string> | string]>([
    ["by another secret", "WRONG_SIGNATURE", () => sign(claims(), OTHER_SECRET)],
    ["of another issuer", "UNKNOWN_ISSUER", () => sign(claims({ iss: "https://issuer.example.com" }))],
    ["of no issuer", "UNKNOWN_ISSUER", () => sign(claims({ iss: undefined }))],
    ["for another audience", "WRONG_AUDIENCE", () => sign(claims({ aud: "Rollcall" }))],
    ["without an audience", "WRONG_AUDIENCE", () => sign(claims({ aud: undefined }))],
    ["without an expiry", "NO_EXPIRY", () => sign(claims({ exp: undefined }))],
    ["with an expiry beyond all numbers", "NO_EXPIRY", () => signText(`{${TO_ROLLCALL}, "exp": 1e400}`)],
    ["with an expiry that is no time", "NOT_A_JWT", () => sign({ ...claims(), exp: "soon" as unknown as number })],
    ["not valid yet", "NOT_YET_VALID", () => sign(claims({ nbf: NOW / 1_000 + 61 }))],
    ["by another algorithm", "WRONG_ALGORITHM", () => sign(claims(), SECRET, { alg: "HS384" })],
    ["not signed", "WRONG_ALGORITHM", () => new UnsecuredJWT(claims()).encode()],
    ["with its signature cut off", "WRONG_SIGNATURE", async () => (await sign(claims())).replace(/\.[^.]+$/, ".")],
    ["that is none", "NOT_A_JWT", () => "x"],
    ["with a payload that is none", "NOT_A_JWT", () => "e30.W10.x"],
    ["with a header that is none", "NOT_A_JWT", async () => (await sign(claims())).replace(/^[^.]+/, "e30x")],
    ["without a header", "NOT_A_JWT", async () => (await sign(claims())).replace(/^[^.]+/, "")],
    ["that is empty", "NOT_A_JWT", () => ""],
  ])("is refused: %s, as %s", async (_, fault, token) => {
    expect(await present(await token(), bySecret())).toEqual(refused(fault));
  });

  it("tells nothing of what is inside until its signature holds", async () => {
    for (const changes of [{ aud: "elsewhere" }, { exp: undefined }, { nbf: NOW }, { exp: 1 }, { exp: "soon" }]) {
      const forged = await sign(claims(changes), OTHER_SECRET);
      expect(await present(forged, bySecret())).toEqual(refused("WRONG_SIGNATURE"));
    }
  });

  it("for another audience is told so by whichever of its issuer's entries signed it", async () => {
    const two = principals({ secrets: [OTHER_SECRET], audience: "a" }, { secrets: [SECRET], audience: "b" });
    expect(await present(await sign(claims()), two)).toEqual(refused("WRONG_AUDIENCE"));
    expect(await present(await sign(claims(), NEXT_SECRET), two)).toEqual(refused("WRONG_SIGNATURE"));
  });

  it("without its scheme is told to have one, and names what is configured nowhere but in local mode", async () => {
    const token = await sign(claims({ aud: "elsewhere" }));
    expect(await presentHeader(token, bySecret())).toEqual(refused("NO_SCHEME"));
    expect(await presentHeader("Bearer", bySecret())).toEqual(refused("NOT_A_JWT"));
    expect(await present(token, { ...bySecret(), localMode: true })).toEqual({
      ...refused("WRONG_AUDIENCE"),
      localOnly: ["rollcall"],
    });
  });

  it.each([
    [300_000 + MINUTE_MS - 1_000, { kind: "caller" }],
    [300_000 + MINUTE_MS, { kind: "unauthenticated", reason: "TOKEN_EXPIRED" }],
  ])("expires, a minute of skew allowed: %d ms later", async (laterMs, expected) => {
    expect(await present(await sign(claims()), bySecret(), NOW + laterMs)).toMatchObject(expected);
  });

  it("tells that it has expired only if it was its issuer's", async () => {
    const forged = await sign(claims({ exp: 1 }), OTHER_SECRET);
    expect(await present(forged, bySecret())).toEqual(refused("WRONG_SIGNATURE"));
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
    // Whoever could have the issuer redirect could else have any keys taken for the issuer's.
    expect(fetched.mock.calls[0]).toMatchObject([JWKS_URL, { redirect: "manual" }]);
  });

  it("is not let in by the public key taken for a secret", async () => {
    issuerAnswers(() => keySet(publicKey));
    for (const secret of [JSON.stringify(publicKey), publicKey.n ?? ""]) {
      expect(await present(await sign(claims(), secret, { kid: "1" }), byKeySet())).toEqual(refused("WRONG_ALGORITHM"));
    }
  });

  it("is refused by another key under the same id", async () => {
    issuerAnswers(() => keySet(publicKey));
    expect(await present(await signByKey(other.privateKey, "1"), byKeySet())).toEqual(refused("WRONG_SIGNATURE"));
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
    expect(await present(rotated, app, NOW + 29_999)).toEqual(refused("UNKNOWN_KEY"));
    expect(await present(rotated, app, NOW + 30_000)).toMatchObject({ kind: "caller" });
    for (let n = 0; n < 10; n++) {
      const made = await signByKey(other.privateKey, `made-up-${n}`);
      expect(await present(made, app, NOW + 31_000)).toEqual(refused("UNKNOWN_KEY"));
    }
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

describe("a key that can't be used", () => {
  const weak = generateRsa(1_024);
  const point = { kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA" };
  const unusable: [string, () => Promise<unknown>][] = [
    ["an RSA key of 1024 bits", async () => ({ ...(await exportJWK((await weak).publicKey)), alg: "RS256" })],
    ["a private key", () => exportJWK(rsa.privateKey)],
    ["one whose modulus is no base64url", async () => ({ ...publicKey, n: "not base64url!" })],
    ["one without an exponent", async () => ({ ...publicKey, e: undefined })],
    ["one without a modulus", async () => ({ kty: "RSA", e: "AQAB" })],
    ["a point that is off its curve", async () => point],
    ["a shared secret", async () => ({ kty: "oct", k: "c2VjcmV0", alg: "HS256" })],
    ["one for encryption", async () => ({ ...otherPublicKey, use: "enc" })],
    ["one of a type from the future", async () => ({ kty: "XXX", x: 1 })],
    ["one with operations that are none", async () => ({ ...publicKey, key_ops: "verify" })],
    ["an empty object", async () => ({})],
    ["a text", async () => "key"],
    ["null", async () => null],
    ["a list", async () => [publicKey]],
  ];

  it.each(unusable)("is no key: %s", async (_, jwk) => {
    const key = await jwk();
    const named = typeof key === "object" && key !== null && !Array.isArray(key) ? { ...key, kid: "weak" } : key;
    issuerAnswers(() => Response.json({ keys: [named] }));
    const app = byKeySet();
    for (const kid of [undefined, "weak"]) {
      const unsigned = (await signByKey(rsa.privateKey, kid)).replace(/[^.]+$/, "AAAA");
      expect(await present(unsigned, app)).toEqual(refused("UNKNOWN_KEY"));
    }
  });

  it("keeps none of the others from serving, whether a token names its key or not", async () => {
    const odd = await Promise.all(unusable.map(([, jwk]) => jwk()));
    const named = { ...publicKey, kid: "good" };
    const nameless = { ...publicKey, kid: undefined };
    for (const [good, kid] of [
      [named, "good"],
      [named, undefined],
      [nameless, undefined],
    ] as const) {
      issuerAnswers(() => Response.json({ keys: [...odd, good, ...odd] }));
      expect(await present(await signByKey(rsa.privateKey, kid), byKeySet())).toMatchObject({ kind: "caller" });
    }
  });

  function generateRsa(modulusLength: number) {
    const publicExponent = new Uint8Array([1, 0, 1]);
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength, publicExponent };
    return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
  }
});

describe("a key set", () => {
  const padded = (bytes: number) => keySet({ ...publicKey, x5c: ["A".repeat(bytes)] });

  it("may have 256 KiB", async () => {
    issuerAnswers(() => padded(255 * 1_024));
    expect(await present(await signByKey(), byKeySet())).toMatchObject({ kind: "caller" });
    issuerAnswers(() => padded(256 * 1_024));
    expect(await present(await signByKey(), byKeySet())).toEqual(UNREACHABLE);
  });
});

describe("EdDSA and Ed25519", () => {
  it("are two names of one algorithm, in the configuration, the token and the key", async () => {
    const pair = await generateKeyPair("Ed25519", { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    for (const algorithm of ["EdDSA", "Ed25519"]) {
      for (const key of [jwk, { ...jwk, alg: "EdDSA" }, { ...jwk, alg: "Ed25519" }]) {
        for (const alg of ["EdDSA", "Ed25519"]) {
          issuerAnswers(() => keySet(key));
          const app = principals({ jwksUrl: JWKS_URL, algorithm });
          expect(await present(await sign(claims(), pair.privateKey, { alg }), app)).toMatchObject({ kind: "caller" });
        }
      }
    }
  });
});

describe("a token for the audiences of two principals of one issuer", () => {
  const both = claims({ aud: ["b", "a"] });

  it("is refused where both would let it in, whatever the order of their names", async () => {
    issuerAnswers(() => keySet(publicKey));
    for (const [first, second] of [
      ["a", "b"],
      ["b", "a"],
    ]) {
      const shared = { jwksUrl: JWKS_URL, algorithm: "RS256" };
      const two = principals({ ...shared, audience: first }, { ...shared, audience: second });
      const token = await sign(both, rsa.privateKey, { alg: "RS256" });
      expect(await present(token, two)).toEqual(refused("SEVERAL_AUDIENCES"));
      expect(await present(token.replace(/[^.]+$/, "AAAA"), two)).toEqual(refused("WRONG_SIGNATURE"));
    }
  });

  it("is let in by the one whose secret signed it, whatever the order of their names", async () => {
    for (const secrets of [
      [SECRET, OTHER_SECRET],
      [OTHER_SECRET, SECRET],
    ]) {
      const [a, b] = secrets.map((secret) => [secret]);
      const two = principals({ secrets: a, audience: "a" }, { secrets: b, audience: "b" });
      const principal = secrets[0] === SECRET ? "APP" : "APP1";
      expect(await present(await sign(both), two)).toMatchObject({ kind: "caller", principal });
    }
  });
});

describe("an audience in another claim", () => {
  const app = () => principals({ secrets: [SECRET], audience: "client-1", audienceClaim: "client_id" });

  it.each<[Record<string, unknown>, object]>([
    [{ client_id: "client-1", aud: undefined }, { kind: "caller" }],
    [{ client_id: ["client-1"] }, { kind: "caller" }],
    [{ client_id: "client-2" }, refused("WRONG_AUDIENCE")],
    [{ client_id: "client-11" }, refused("WRONG_AUDIENCE")],
    [{ client_id: undefined }, refused("WRONG_AUDIENCE")],
    [{ client_id: null, aud: "client-1" }, refused("WRONG_AUDIENCE")],
    [{ client_id: { "client-1": 1 }, azp: "client-1" }, refused("WRONG_AUDIENCE")],
  ])("is checked there and nowhere else: %j", async (changes, expected) => {
    expect(await present(await sign(claims(changes)), app())).toMatchObject(expected);
  });

  it("tells apart the tokens of one issuer and one client", async () => {
    const shared = { secrets: [SECRET], audience: "client-1" };
    const two = principals(shared, { ...shared, audienceClaim: "client_id" });
    const byId = await present(await sign(claims({ aud: "client-1" })), two);
    const byAccess = await present(await sign(claims({ aud: undefined, client_id: "client-1" })), two);
    expect([byId, byAccess]).toMatchObject([{ principal: "APP" }, { principal: "APP1" }]);
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

  it("one failed fetch refuses callers for no more than five seconds, where no set is kept", async () => {
    issuerAnswers(() => new Response("no", { status: 500 }));
    const app = byKeySet();
    expect(await present(await signByKey(), app)).toEqual(UNREACHABLE);
    issuerAnswers(() => keySet(publicKey));
    expect(await present(await signByKey(), app, NOW + 4_999)).toEqual(UNREACHABLE);
    expect(await present(await signByKey(), app, NOW + 5_000)).toMatchObject({ kind: "caller" });
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

describe("a cold issuer", () => {
  const answerAfter = (ms: number, answer: () => Response) => issuerAnswers(() => scheduler.wait(ms).then(answer));

  async function crowd(app: ReturnType<typeof principals>) {
    const token = await signByKey();
    return Promise.all(Array.from({ length: 120 }, () => present(token, app)));
  }

  it("is asked twice at once at the most, and every caller is served", async () => {
    const fetched = answerAfter(200, () => keySet(publicKey));
    expect(await crowd(byKeySet())).toEqual(Array(120).fill(expect.objectContaining({ kind: "caller" })));
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("that fails is asked no more by those who waited, and they are told at once", async () => {
    const fetched = answerAfter(200, () => new Response("no", { status: 500 }));
    expect(await crowd(byKeySet())).toEqual(Array(120).fill(UNREACHABLE));
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("is asked again where those who asked went away", async () => {
    issuerAnswers(() => new Promise(() => {}));
    const app = byKeySet();
    const token = await signByKey();
    // Their requests were cancelled, so that nothing of them goes on.
    const gone = [present(token, app), present(token, app)];
    await scheduler.wait(3_100);
    issuerAnswers(() => keySet(publicKey));
    expect(await present(token, app)).toMatchObject({ kind: "caller" });
    expect(gone).toHaveLength(2);
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(0x20)) });
}
