import { afterEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../../../src/worker/auth/authenticate.ts";
import { authorise } from "../../../../src/worker/auth/authorise.ts";
import { LOCAL_SESSION_SECRET } from "../../../../src/worker/auth/local-principals.ts";
import { readPrincipals } from "../../../../src/worker/auth/principals.ts";
import { sessionsOf } from "../../../../src/worker/auth/sessions/sessions.ts";
import { callerKey } from "../../../../src/worker/transport/users/caller-rate.ts";
import { signedHeaders } from "../../../support/credentials.ts";
import {
  allow,
  app,
  callWith,
  exchange,
  HOUR_MS,
  ISSUER,
  type Keys,
  MINUTE_MS,
  NOW,
  OWN_USER,
  principalsOf,
  sessionOf,
  signedCall,
  userToken,
} from "../../../support/sessions.ts";

const FIRST = "the first secret that seals sessions";
const SECOND = "the second secret that seals sessions";
const OWN = "arn:aws:chime:us-east-1:123456789012:app-instance/app/user/alice";
const OTHERS = "arn:aws:chime:us-east-1:123456789012:app-instance/app/user/bob";
const LIST = "chime:ListAppInstanceUserEndpoints";
const REFUSED = { kind: "unauthenticated", reason: "SESSION_TOKEN_REFUSED" };
const EXPIRED = { kind: "signature", reason: "SESSION_EXPIRED" };

const KEY = { accessKeyId: "AKIABACKEND000000001", secretAccessKey: "change-me-to-forty-random-characters-000" };
const KEY_DOCUMENT = JSON.stringify({
  accessKeys: [KEY],
  policy: { Version: "2012-10-17", Statement: allow("*") },
});

afterEach(() => vi.restoreAllMocks());

/** Whether what a session opens may list a user's endpoints. */
async function mayList(arn: string, keys: Keys, principals = principalsOf()): Promise<boolean> {
  const caller = await callWith(keys, principals);
  return caller.kind === "caller" && authorise(caller, LIST, arn);
}

describe("a session", () => {
  it.each(["header", "query"] as const)("may do what its token may, by a signature in the %s", async (where) => {
    const caller = await callWith(await sessionOf(), principalsOf(), { where });
    expect(caller).toMatchObject({ kind: "caller", principal: "APP", claims: new Map([["sub", "alice"]]) });
  });

  it("may act for its own user, and for no other", async () => {
    const session = await sessionOf();
    expect(await mayList(OWN, session)).toBe(true);
    expect(await mayList(OTHERS, session)).toBe(false);
  });

  it("is counted as its user is by token", async () => {
    const caller = await callWith(await sessionOf(), principalsOf());
    const bearer = await sessionsOf(principalsOf(), () => NOW)?.authenticate(`Bearer ${await userToken()}`);
    if (caller.kind !== "caller" || bearer?.kind !== "bearer") {
      expect.fail("it is refused");
    }
    const { policy } = bearer.issuer;
    expect(callerKey(caller)).toBe(callerKey({ kind: "caller", principal: "APP", policy, claims: bearer.claims }));
  });

  it("has an id that begins with ASIA, as AWS's have, and is always another", async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, async () => (await sessionOf()).accessKeyId));
    expect(new Set(ids).size).toBe(50);
    expect(ids.filter((id) => !/^ASIA[A-Z2-7]{16}$/.test(id))).toEqual([]);
  });

  it("carries sub and what the policy names, and nothing else of the token", async () => {
    const principals = principalsOf({ PRINCIPAL_APP: app([allow(`arn:a:\${jwt:tenant}:\${jwt:mail}`)]) });
    const session = await sessionOf({ tenant: "t", phone: "+491", mail: 7 }, principals);
    expect(await callWith(session, principals)).toMatchObject({
      claims: new Map([
        ["sub", "alice"],
        ["tenant", "t"],
      ]),
    });
  });

  it.each([
    ["an hour of a token that lasts for a day", 24 * HOUR_MS, HOUR_MS],
    ["half an hour of a token with half an hour left", 30 * MINUTE_MS, 30 * MINUTE_MS],
    ["a minute of a token with a minute left", MINUTE_MS, MINUTE_MS],
    ["whole seconds", 90_700, 90_000],
  ])("lasts for %s", async (_, tokenMs, lifeMs) => {
    const principals = principalsOf();
    const session = await sessionOf({ exp: (NOW + tokenMs) / 1_000 });
    expect(session.expiresAt).toBe(NOW + lifeMs);
    expect(await callWith(session, principals, { now: NOW + lifeMs - 1 })).toMatchObject({ kind: "caller" });
    expect(await callWith(session, principals, { now: NOW + lifeMs })).toEqual(EXPIRED);
  });

  it.each([59_999, 0, -30_000])("is not made of a token with %d ms left", async (leftMs) => {
    const token = await userToken({ exp: (NOW + leftMs) / 1_000 });
    expect(await exchange(`Bearer ${token}`, principalsOf())).toMatchObject({ reason: "TOKEN_EXPIRED" });
  });

  it("is not made of claims that are too long", async () => {
    const principals = principalsOf({ PRINCIPAL_APP: app([allow(`arn:\${jwt:a}\${jwt:b}\${jwt:c}\${jwt:d}`)]) });
    const made = async (claims: object) => (await exchange(`Bearer ${await userToken(claims)}`, principals)).kind;
    const long = "x".repeat(1_600);
    expect(await made({ a: long, b: long, c: long })).toBe("ok");
    for (const claims of [{ sub: `${long}x` }, { a: `${long}x` }, { a: long, b: long, c: long, d: long }]) {
      expect(await exchange(`Bearer ${await userToken(claims)}`, principals)).toEqual({
        ...{ kind: "unauthenticated", reason: "TOKEN_REFUSED", fault: "CLAIMS_TOO_LONG" },
      });
    }
    expect(await made({ unnamed: "x".repeat(100_000) })).toBe("ok");
  });
});

describe("a session is refused", () => {
  it("with another session's id, secret or token", async () => {
    const [alice, bob] = [await sessionOf(), await sessionOf({ sub: "bob" })];
    const members = ["accessKeyId", "secretAccessKey", "sessionToken"] as const;
    for (const member of members) {
      const mixed = await callWith({ ...alice, [member]: bob[member] }, principalsOf());
      expect(mixed.kind === "unauthenticated" && mixed.reason).toMatch(/^S(ESSION_TOKEN|IGNATURE)_REFUSED$/);
      expect(await callWith({ ...bob, [member]: alice[member] }, principalsOf())).toMatchObject({
        reason: mixed.kind === "unauthenticated" && mixed.reason,
      });
    }
  });

  it("without its token, as a key that nobody has", async () => {
    const refused = await callWith({ ...(await sessionOf()), sessionToken: "" }, principalsOf());
    expect(refused).toMatchObject({ reason: "SIGNATURE_REFUSED", fault: "UNKNOWN_KEY" });
  });

  it("where its token stands with an access key that is configured", async () => {
    const principals = principalsOf({ PRINCIPAL_APP: app(), PRINCIPAL_KEY: KEY_DOCUMENT });
    const { sessionToken } = await sessionOf({}, principals);
    expect(await callWith({ ...KEY, sessionToken }, principals)).toMatchObject({
      ...REFUSED,
      fault: "WRONG_SESSION_TOKEN",
    });
    expect(await callWith({ ...KEY, sessionToken: "" }, principals)).toMatchObject({
      kind: "caller",
      principal: "KEY",
    });
  });

  it("once its principal is gone, or is another of the same name", async () => {
    const session = await sessionOf();
    const others = [
      { PRINCIPAL_OTHER: app() },
      { PRINCIPAL_APP: app([allow(OWN_USER)], { ...ISSUER, issuer: "https://other.example.com" }) },
      { PRINCIPAL_APP: app([allow(OWN_USER)], { ...ISSUER, audience: "other" }) },
      { PRINCIPAL_APP: app([allow(OWN_USER)], { ...ISSUER, audienceClaim: "azp" }) },
    ];
    for (const variables of others) {
      expect(await callWith(session, principalsOf(variables))).toMatchObject(REFUSED);
    }
  });

  it("once the policy names a claim that it does not carry: a Deny on it would not apply", async () => {
    const deny = {
      Effect: "Deny",
      Action: "chime:*",
      Resource: `arn:aws:chime:*:*:app-instance/\${jwt:banned}/user/*`,
    };
    const strict = principalsOf({ PRINCIPAL_APP: app([allow(OWN_USER), deny]) });
    expect(await callWith(await sessionOf({ banned: "app" }), strict)).toMatchObject(REFUSED);
    expect(await mayList(OWN, await sessionOf({ banned: "app" }, strict), strict)).toBe(false);
    expect(await mayList(OWN, await sessionOf({}, strict), strict)).toBe(true);
  });

  it.each([
    ["expired", (session: Keys) => callWith(session, principalsOf(), { now: NOW + 2 * HOUR_MS }), "SESSION_EXPIRED"],
    [
      "expired, and signed by another secret",
      (session: Keys) => callWith({ ...session, secretAccessKey: "x" }, principalsOf(), { now: NOW + 2 * HOUR_MS }),
      "SIGNATURE_REFUSED",
    ],
  ])("where it is %s", async (_, call, reason) => {
    expect(await call(await sessionOf())).toMatchObject({ reason });
  });
});

it("a presigned URL is good no longer than the session that signed it", async () => {
  const session = await sessionOf({ exp: (NOW + 2 * MINUTE_MS) / 1_000 });
  const received = await signedCall(session, { where: "query" });
  expect(await authenticate(received, principalsOf(), NOW + MINUTE_MS)).toMatchObject({ kind: "caller" });
  expect(await authenticate(received, principalsOf(), NOW + 2 * MINUTE_MS)).toEqual(EXPIRED);
});

describe("what a policy has been narrowed to", () => {
  it("holds for a session at once", async () => {
    const session = await sessionOf();
    const narrowed = principalsOf({ PRINCIPAL_APP: app([{ ...allow(OWN_USER), Action: "chime:Describe*" }]) });
    expect(await mayList(OWN, session)).toBe(true);
    expect(await mayList(OWN, session, narrowed)).toBe(false);
  });
});

describe("secrets", () => {
  const withSecrets = (...secrets: string[]) => principalsOf({ PRINCIPAL_APP: app() }, secrets);

  it("are replaced in three deploys, in none of which a session is refused", async () => {
    const steps = [[FIRST], [FIRST, SECOND], [SECOND, FIRST], [SECOND]].map((secrets) => withSecrets(...secrets));
    const refused: string[] = [];
    for (const [index, after] of steps.entries()) {
      const before = steps[index - 1] ?? after;
      // While a deploy goes on, some servers are of the version before it, and any of them may be asked.
      for (const [minting, verifying] of [
        [before, after],
        [after, before],
      ] as const) {
        const caller = await callWith(await sessionOf({}, minting), verifying);
        if (caller.kind !== "caller") {
          refused.push(`step ${index}`);
        }
      }
    }
    expect(refused).toEqual([]);
  });

  it("that are removed end the sessions that they sealed", async () => {
    expect(await callWith(await sessionOf({}, withSecrets(FIRST)), withSecrets(SECOND))).toMatchObject(REFUSED);
  });

  it.each([
    ["no JSON", "a secret of thirty-two characters or more", /^SESSION_SECRETS must be JSON$/],
    ["no list", `"${FIRST}"`, /^SESSION_SECRETS must be a list of 1 to 2$/],
    ["none in it", "[]", /^SESSION_SECRETS must be a list of 1 to 2$/],
    ["three", JSON.stringify([FIRST, SECOND, `${FIRST}3`]), /^SESSION_SECRETS must be a list of 1 to 2$/],
    ["a short one", JSON.stringify([FIRST, "short"]), /^SESSION_SECRETS\[1\] must be a text of 32 characters or more$/],
    ["that of local mode", JSON.stringify([LOCAL_SESSION_SECRET]), /^SESSION_SECRETS must not hold .* local mode/],
  ])("with %s stop the Worker, by an error without them", (_, text, message) => {
    const read = () => readPrincipals({ SESSION_SECRETS: text }, { localMode: false, signingRegions: [] });
    expect(read).toThrow(message);
    expect(read).not.toThrow(FIRST);
  });

  it("are local mode's own where none are given, and else none", () => {
    const secretsOf = (localMode: boolean, text?: string) =>
      readPrincipals({ SESSION_SECRETS: text }, { localMode, signingRegions: [] }).sessionSecrets;
    expect([secretsOf(true), secretsOf(true, ""), secretsOf(true, JSON.stringify([FIRST]))]).toEqual([
      ...[[LOCAL_SESSION_SECRET], [LOCAL_SESSION_SECRET], [FIRST]],
    ]);
    expect([secretsOf(false), secretsOf(false, "")]).toEqual([[], []]);
  });
});

it("no access key can be configured that has the id of a session", () => {
  expect(() => principalsOf({ PRINCIPAL_KEY: KEY_DOCUMENT.replace("AKIA", "ASIA") })).toThrow(
    "PRINCIPAL_KEY.accessKeys[0].accessKeyId must not begin with ASIA, as the ids of sessions do",
  );
});

describe("credentials are given", () => {
  it("for a token with its scheme and without", async () => {
    const token = await userToken();
    for (const authorization of [`Bearer ${token}`, `bearer   ${token}`, token]) {
      expect((await exchange(authorization, principalsOf())).kind).toBe("ok");
    }
  });

  it("to no session, no access key, and nobody who brings nothing", async () => {
    const session = await sessionOf();
    const signed = await signedHeaders(
      "https://rollcall.example.com/credentials",
      { method: "GET", headers: {}, body: null },
      session,
    );
    for (const authorization of [signed.authorization ?? "", "", "Basic QTpC", session.sessionToken, "Bearer"]) {
      const { kind, ...refused } = await exchange(authorization, principalsOf());
      expect({ authorization, kind, ...refused }).toMatchObject({ kind: "unauthenticated" });
    }
    expect(await exchange(signed.authorization ?? "", principalsOf())).toMatchObject({ reason: "TOKEN_REQUIRED" });
    // Its session token is no JWT, in whatever header it stands.
    expect(await exchange(`Bearer ${session.sessionToken}`, principalsOf())).toMatchObject({ fault: "NOT_A_JWT" });
  });
});

describe("the work", () => {
  const LIVE = principalsOf({ PRINCIPAL_APP: app(), PRINCIPAL_KEY: KEY_DOCUMENT }, [FIRST, SECOND]);

  /** How often a call has the runtime's cryptography sign, verify and decrypt: four signatures derive a key. */
  async function workOf(keys: Keys, reason?: string): Promise<number[]> {
    const received = await signedCall(keys);
    const spies = (["sign", "verify", "decrypt"] as const).map((name) => vi.spyOn(crypto.subtle, name).mockClear());
    const answer = await authenticate(received, LIVE, NOW);
    expect(answer.kind === "caller" ? undefined : "reason" in answer && answer.reason).toBe(reason);
    return spies.map((spy) => spy.mock.calls.length);
  }

  it("is the same for a session token that was changed as for one that somebody made up", async () => {
    const session = await sessionOf({}, LIVE);
    const changed = { ...session, sessionToken: `${session.sessionToken.slice(0, -4)}AAAA` };
    const made = await sessionOf({}, principalsOf({ PRINCIPAL_APP: app() }, ["a secret that an attacker made up!!"]));
    expect(await workOf(changed, "SESSION_TOKEN_REFUSED")).toEqual([4, 1, 2]);
    expect(await workOf(made, "SESSION_TOKEN_REFUSED")).toEqual([4, 1, 2]);
  });

  it("does not tell which access keys are configured: for none of their ids a session token is opened", async () => {
    const session = await sessionOf({}, LIVE);
    for (const accessKeyId of [KEY.accessKeyId, "AKIANOBODY0000000001"]) {
      expect(await workOf({ ...session, accessKeyId }, "SESSION_TOKEN_REFUSED")).toEqual([4, 1, 0]);
    }
  });

  it("is done anew for each call of a session, whose keys thus push out none of a configured access key", async () => {
    const session = await sessionOf({}, LIVE);
    for (let call = 0; call < 3; call++) {
      expect(await workOf(session)).toEqual([4, 1, 1]);
    }
  });
});
