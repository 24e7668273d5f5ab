/**
 * Every way in which credentials are refused, on both wires, and what of them is answered and logged: nothing. Local mode
 * alone answers what should have been signed, which names the user and the access key, and holds no secret either.
 */
import { SignJWT } from "jose";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  ALICE_ACCESS_KEY_ID,
  ALICE_SECRET_ACCESS_KEY,
  LOCAL_ACCESS_KEY_ID,
  LOCAL_SECRET_ACCESS_KEY,
  LOCAL_TOKENS,
} from "../../src/worker/auth/local-principals.ts";
import { DEPLOYED_VARIABLES, presignedUrl, type Signing, signedHeaders } from "../support/credentials.ts";
import { connectRegister, restRegister, type WireRequest } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const local = serveOnWorkerd();
const deployed = serveOnWorkerd(DEPLOYED_VARIABLES);
const closed = serveOnWorkerd({});
const servers = { local, deployed, closed };

const DEVICE_TOKEN = "device-1";
const SESSION_TOKEN = "SESSIONTOKENSESSIONTOKEN";
const ALICE = { accessKeyId: ALICE_ACCESS_KEY_ID, secretAccessKey: ALICE_SECRET_ACCESS_KEY };

/** As a session's are, but by no secret of these servers. */
const ALTERED_SESSION = {
  accessKeyId: "ASIAQNZGKIQY56JQ7WML",
  secretAccessKey: "SECRETOFASESSIONSECRETOFASESSION",
  sessionToken: `1.${"SESSIONTOKENOFASESSION".repeat(10)}`,
};

/** What was sent and may come back nowhere; grows with every request. */
const secrets = new Set([
  ...[LOCAL_SECRET_ACCESS_KEY, ALICE_SECRET_ACCESS_KEY, LOCAL_TOKENS.secret, SESSION_TOKEN, DEVICE_TOKEN, "s3cr3t"],
  ...[ALTERED_SESSION.secretAccessKey, ALTERED_SESSION.sessionToken],
]);

/** What is no secret, and still nobody's business but the caller's. */
const NAMES = [
  ALTERED_SESSION.accessKeyId,
  LOCAL_ACCESS_KEY_ID,
  ALICE_ACCESS_KEY_ID,
  "AKIDNOBODY",
  "arn:aws:",
  "arn%3Aaws",
  "arn%253Aaws",
];

/** A request and the server that it is for. */
type Addressed = WireRequest & { readonly url: string };

function note(request: Addressed): Addressed {
  const text = `${request.path} ${request.headers.authorization ?? ""}`;
  for (const [secret] of text.matchAll(/(?<=Signature=)\w{8,}|[\w-]+\.[\w-]{20,}\.[\w-]+/g)) {
    secrets.add(secret);
  }
  return request;
}

function at(minutes: number): Signing {
  const date = new Date(Date.now() + minutes * 60_000);
  return { datetime: date.toISOString().replace(/[-:]|\.\d+/g, "") };
}

async function signed(request: Addressed, signing: Signing = {}): Promise<Addressed> {
  return { ...request, headers: await signedHeaders(request.url + request.path, request, signing) };
}

async function presigned(request: Addressed, signing: Signing = {}): Promise<Addressed> {
  const url = await presignedUrl(request.url + request.path, { ...request, headers: {} }, signing);
  return { ...request, path: url.slice(request.url.length), headers: request.headers };
}

async function tokenOf(payload: object = {}, secret = LOCAL_TOKENS.secret, alg = "HS256"): Promise<string> {
  const claims = { iss: LOCAL_TOKENS.issuer, aud: LOCAL_TOKENS.audience, sub: "bob", exp: 4e9, ...payload };
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

const authorized = (authorization: string) => (request: Addressed) => ({
  ...request,
  headers: { ...request.headers, authorization },
});

const bearing =
  (...token: Parameters<typeof tokenOf>) =>
  async (request: Addressed) =>
    authorized(`Bearer ${await tokenOf(...token)}`)(request);

function inAuthorization(from: RegExp, to: string) {
  return async (request: Addressed) => {
    const { headers, ...rest } = await signed(request);
    return { ...rest, headers: { ...headers, authorization: String(headers.authorization).replace(from, to) } };
  };
}

type Change = (request: Addressed) => Addressed | Promise<Addressed>;

const OTHER_SECRET = "another secret of thirty-two characters";

/** The check that failed is logged, where there are several under one reason. */
const REFUSALS: [reason: string, fault: string | undefined, status: number, change: Change][] = [
  ["CREDENTIALS_MISSING", undefined, 401, (request) => request],
  ["CREDENTIALS_AMBIGUOUS", undefined, 401, async (request) => signed(await presigned(request))],
  ["SIGNATURE_MALFORMED", "UNKNOWN_SCHEME", 401, authorized("Basic czNjcjN0OnMzY3IzdA==")],
  ["SIGNATURE_MALFORMED", "UNKNOWN_SCHEME", 401, authorized("s3cr3t")],
  ["SIGNATURE_MALFORMED", "UNSUPPORTED_ALGORITHM", 401, inAuthorization(/AWS4-HMAC/, "AWS4-ECDSA-P256")],
  ["SIGNATURE_MALFORMED", "INCOMPLETE_HEADER", 401, inAuthorization(/SignedHeaders=[^,]+, /, "")],
  ["SIGNATURE_MALFORMED", "HOST_NOT_SIGNED", 401, inAuthorization(/host;?/, "")],
  ["SIGNATURE_MALFORMED", "BAD_SIGNATURE", 401, inAuthorization(/Signature=./, "Signature=")],
  ["SIGNATURE_MALFORMED", "WRONG_SERVICE", 401, inAuthorization(/\/chime\//, "/s3/")],
  ["SIGNATURE_MALFORMED", "BAD_REGION", 401, (request) => signed(request, { region: "US_EAST" })],
  ["SIGNATURE_REFUSED", "WRONG_SIGNATURE", 401, (request) => signed(request, { secretAccessKey: "wrong" })],
  ["SIGNATURE_REFUSED", "UNKNOWN_KEY", 401, (request) => signed(request, { accessKeyId: "AKIDNOBODYNOBODY" })],
  ["SIGNATURE_REFUSED", "WRONG_SIGNATURE", 401, async (request) => ({ ...(await signed(request)), body: "{}" })],
  ["SIGNATURE_REFUSED", "WRONG_SIGNATURE", 401, (request) => presigned(request, { secretAccessKey: "wrong" })],
  ["SIGNATURE_REFUSED", "WRONG_SIGNATURE", 401, signedWithCookie],
  ["SESSION_TOKEN_REFUSED", "WRONG_SESSION_TOKEN", 401, (request) => signed(request, { sessionToken: SESSION_TOKEN })],
  [
    ...(["SESSION_TOKEN_REFUSED", "WRONG_SESSION_TOKEN", 401] as const),
    (request) => presigned(request, { sessionToken: SESSION_TOKEN }),
  ],
  ["SESSION_TOKEN_REFUSED", "UNKNOWN_KEY", 401, (request) => signed(request, ALTERED_SESSION)],
  ["SESSION_TOKEN_REFUSED", "UNKNOWN_KEY", 401, (request) => presigned(request, ALTERED_SESSION)],
  ["SIGNATURE_EXPIRED", undefined, 403, (request) => signed(request, at(-20))],
  ["SIGNATURE_EXPIRED", undefined, 403, (request) => presigned(request, at(-20))],
  ["SIGNATURE_NOT_YET_CURRENT", undefined, 403, (request) => signed(request, at(20))],
  ["TOKEN_REFUSED", "NO_SCHEME", 401, async (request) => authorized(await tokenOf())(request)],
  ["TOKEN_REFUSED", "NOT_A_JWT", 401, authorized("Bearer s3cr3t")],
  ["TOKEN_REFUSED", "UNKNOWN_ISSUER", 401, bearing({ iss: "https://elsewhere.example.com" })],
  ["TOKEN_REFUSED", "WRONG_ALGORITHM", 401, bearing({}, OTHER_SECRET + OTHER_SECRET, "HS512")],
  ["TOKEN_REFUSED", "WRONG_SIGNATURE", 401, bearing({}, OTHER_SECRET)],
  ["TOKEN_REFUSED", "WRONG_AUDIENCE", 401, bearing({ aud: "elsewhere" })],
  ["TOKEN_REFUSED", "NO_EXPIRY", 401, bearing({ exp: undefined })],
  ["TOKEN_REFUSED", "NOT_YET_VALID", 401, bearing({ nbf: 4e9 })],
  ["TOKEN_EXPIRED", undefined, 401, bearing({ exp: 1 })],
  ["NOT_AUTHORIZED", undefined, 403, bearing()],
  ["NOT_AUTHORIZED", undefined, 403, (request) => signed(request, ALICE)],
];

/** Signs headers that nobody signs, for what a canonical request could hold. */
function signedWithCookie(request: Addressed): Promise<Addressed> {
  const headers = { ...request.headers, cookie: "s3cr3t", "proxy-authorization": "Bearer s3cr3t" };
  return signed({ ...request, headers }, { secretAccessKey: "wrong", allHeaders: true });
}

/** What was answered, by the server that answered. */
const answered: Record<string, string[]> = { local: [], deployed: [], closed: [] };

/** What each request should have logged, by its id. */
const expectedFaults = new Map<string, string | undefined>();

const wires = [
  ["REST", restRegister],
  ["Connect", connectRegister],
] as const;

describe.each(wires.flatMap((wire) => (["local", "deployed"] as const).map((server) => [...wire, server] as const)))(
  "credentials refused over %s",
  (wire, register, server) => {
    it.each(REFUSALS)(`%s, %s, answers %d in ${server}: %#`, async (reason, fault, status, change) => {
      const { url } = servers[server];
      const { response, text } = await refused(server, await change({ ...register(), url }));
      expectedFaults.set(response.headers.get("x-amzn-requestid") ?? "", fault);
      if (wire === "REST") {
        expect(response.status).toBe(status);
      } else {
        // AWS's 403 for a signature that is not timely is for AWS's SDKs.
        expect(response.status).toBe(reason === "NOT_AUTHORIZED" ? 403 : 401);
        expect(JSON.parse(text).details[0].debug.reason).toBe(reason);
      }
    });
  },
);

describe.each(wires)("over %s", (_, register) => {
  it("a server that knows nobody refuses everybody", async () => {
    const { text } = await refused("closed", await signed({ ...register(), url: closed.url }));
    expect(text).toContain("No caller is known to this server");
  });

  it("a deployment answers alike for a key that nobody has and for a wrong secret", async () => {
    const answers = [{ accessKeyId: "AKIDNOBODYNOBODY" }, { secretAccessKey: "wrong" }].map(async (signing) => {
      const { response, text } = await refused("deployed", await signed({ ...register(), url: deployed.url }, signing));
      const headers = [...response.headers].filter(([name]) => name !== "x-amzn-requestid" && name !== "date");
      return { status: response.status, headers, text };
    });
    const [nobody, wrong] = await Promise.all(answers);
    expect(nobody).toEqual(wrong);
    expect(nobody?.text).toContain(`arrived here for the host '${new URL(deployed.url).host}'`);
  });

  it("local mode tells them apart, and what should have been signed", async () => {
    const told = async (signing: Signing) =>
      (await refused("local", await signed({ ...register(), url: local.url }, signing))).text;
    expect(await told({ accessKeyId: "AKIDNOBODYNOBODY" })).toContain("No access key has this id.");
    expect(await told({ secretAccessKey: "wrong" })).toContain(
      "The Canonical String for this request should have been\\n'POST\\n/",
    );
  });
});

async function refused(
  server: keyof typeof servers,
  request: Addressed,
): Promise<{ response: Response; text: string }> {
  const { method, path, headers, body, url } = note(request);
  const response = await fetch(url + path, { method, headers, body });
  const text = await response.text();
  answered[server]?.push(text, JSON.stringify([...response.headers]));
  return { response, text };
}

describe("what was answered and logged of it", () => {
  const logs = () => Object.values(servers).flatMap(({ log }) => log.split("\n").filter(Boolean));

  // The last lines may be on their way.
  beforeAll(() => vi.waitUntil(() => [...expectedFaults.keys()].every((id) => logs().join().includes(id))));

  it("holds no secret, key id, signature, token or ARN; but local mode answers key ids and ARNs", () => {
    const logged = logs();
    expect(logged.length).toBeGreaterThanOrEqual(4 * REFUSALS.length);
    expect(secrets.size).toBeGreaterThan(2 * REFUSALS.length);
    const found = (told: readonly (string | undefined)[], words: Iterable<string>) =>
      [...words].filter((word) => told.join("\n").includes(word));
    expect(found([...Object.values(answered).flat(), ...logged], secrets)).toEqual([]);
    expect(found([...(answered.deployed ?? []), ...(answered.closed ?? []), ...logged], NAMES)).toEqual([]);
    expect(found(answered.local ?? [], NAMES)).not.toEqual([]);
  });

  it("logs which check failed", () => {
    const lines = logs().flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    const faults = new Map(lines.map(({ requestId, fault }) => [requestId, fault]));
    expect(expectedFaults.size).toBe(4 * REFUSALS.length);
    expect([...expectedFaults].map(([id, fault]) => [fault, faults.get(id)])).toEqual(
      [...expectedFaults.values()].map((fault) => [fault, fault]),
    );
  });
});
