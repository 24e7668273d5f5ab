/** Every way in which credentials are refused, on both wires, and what of them is answered and logged: nothing. */
import { SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import {
  ALICE_ACCESS_KEY_ID,
  ALICE_SECRET_ACCESS_KEY,
  LOCAL_ACCESS_KEY_ID,
  LOCAL_SECRET_ACCESS_KEY,
  LOCAL_TOKENS,
} from "../../src/auth/local-principals.ts";
import { presignedUrl, type Signing, signedHeaders } from "../support/credentials.ts";
import { serve } from "../support/server.ts";
import { connectRegister, restRegister, type WireRequest } from "../support/wire.ts";

const open = serve();
const closed = serve({});

const SESSION_TOKEN = "SESSIONTOKENSESSIONTOKEN";
const ALICE = { accessKeyId: ALICE_ACCESS_KEY_ID, secretAccessKey: ALICE_SECRET_ACCESS_KEY };

/** What was sent and may come back nowhere; grows with every request. */
const sent = new Set([
  ...[LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY, ALICE_ACCESS_KEY_ID, ALICE_SECRET_ACCESS_KEY],
  ...[LOCAL_TOKENS.secret, SESSION_TOKEN, "arn:aws:", "arn%3Aaws"],
]);

function note(request: WireRequest): WireRequest {
  const text = `${request.path} ${request.headers.authorization ?? ""}`;
  for (const [secret] of text.matchAll(/(?<=Signature=)\w{8,}|(?<=Bearer )\S{4,}/g)) {
    sent.add(secret);
  }
  return request;
}

function at(minutes: number): Signing {
  const date = new Date(Date.now() + minutes * 60_000);
  return { datetime: date.toISOString().replace(/[-:]|\.\d+/g, "") };
}

async function signed(request: WireRequest, signing: Signing = {}): Promise<WireRequest> {
  return { ...request, headers: await signedHeaders(open.url + request.path, request, signing) };
}

async function presigned(request: WireRequest, signing: Signing = {}): Promise<WireRequest> {
  const url = await presignedUrl(open.url + request.path, { ...request, headers: {} }, signing);
  return { ...request, path: url.slice(open.url.length), headers: request.headers };
}

async function bearing(request: WireRequest, payload: object = {}, secret = LOCAL_TOKENS.secret): Promise<WireRequest> {
  const claims = { iss: LOCAL_TOKENS.issuer, aud: LOCAL_TOKENS.audience, sub: "bob", exp: 4e9, ...payload };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

function inAuthorization(from: RegExp, to: string) {
  return async (request: WireRequest) => {
    const { headers, ...rest } = await signed(request);
    return { ...rest, headers: { ...headers, authorization: String(headers.authorization).replace(from, to) } };
  };
}

type Change = (request: WireRequest) => WireRequest | Promise<WireRequest>;

const REFUSALS: [reason: string, status: number, change: Change, server?: () => string][] = [
  ["NO_PRINCIPALS", 401, (request) => signed(request), () => closed.url],
  ["CREDENTIALS_MISSING", 401, (request) => request],
  ["CREDENTIALS_AMBIGUOUS", 401, async (request) => signed(await presigned(request))],
  ["SIGNATURE_MALFORMED", 401, inAuthorization(/AWS4-HMAC/, "AWS4-ECDSA-P256")],
  ["SIGNATURE_MALFORMED", 401, inAuthorization(/SignedHeaders=[^,]+, /, "")],
  ["SIGNATURE_MALFORMED", 401, inAuthorization(/host;?/, "")],
  ["SIGNATURE_MALFORMED", 401, inAuthorization(/Signature=./, "Signature=")],
  ["SIGNATURE_MALFORMED", 401, inAuthorization(/\/chime\//, "/s3/")],
  ["SIGNATURE_MALFORMED", 401, (request) => signed(request, { region: "US_EAST" })],
  ["SIGNATURE_REFUSED", 401, (request) => signed(request, { secretAccessKey: "wrong" })],
  ["SIGNATURE_REFUSED", 401, (request) => signed(request, { accessKeyId: "AKIDNOBODYNOBODY" })],
  ["SIGNATURE_REFUSED", 401, async (request) => ({ ...(await signed(request)), body: "{}" })],
  ["SIGNATURE_REFUSED", 401, (request) => presigned(request, { secretAccessKey: "wrong" })],
  ["SESSION_TOKEN_REFUSED", 401, (request) => signed(request, { sessionToken: SESSION_TOKEN })],
  ["SESSION_TOKEN_REFUSED", 401, (request) => presigned(request, { sessionToken: SESSION_TOKEN })],
  ["SIGNATURE_EXPIRED", 403, (request) => signed(request, at(-20))],
  ["SIGNATURE_EXPIRED", 403, (request) => presigned(request, at(-20))],
  ["SIGNATURE_NOT_YET_CURRENT", 403, (request) => signed(request, at(20))],
  ["TOKEN_REFUSED", 401, (request) => bearing(request, {}, "another secret of thirty-two characters")],
  ["TOKEN_REFUSED", 401, (request) => bearing(request, { aud: "elsewhere" })],
  ["TOKEN_EXPIRED", 401, (request) => bearing(request, { exp: 1 })],
  ["NOT_AUTHORIZED", 403, (request) => bearing(request)],
  ["NOT_AUTHORIZED", 403, (request) => signed(request, ALICE)],
];

const answered: string[] = [];

describe.each([
  ["REST", restRegister],
  ["Connect", connectRegister],
])("credentials refused over %s", (wire, register) => {
  it.each(REFUSALS)("%s answers %d: %#", async (reason, status, change, server = () => open.url) => {
    const { method, path, headers, body } = note(await change(register()));
    const response = await fetch(server() + path, { method, headers, body });
    const text = await response.text();
    answered.push(text, JSON.stringify([...response.headers]));
    if (wire === "REST") {
      expect(response.status).toBe(status);
    } else {
      // AWS's 403 for a signature that is not timely is for AWS's SDKs.
      expect(response.status).toBe(reason === "NOT_AUTHORIZED" ? 403 : 401);
      expect(JSON.parse(text).details[0].debug.reason).toBe(reason);
    }
  });
});

describe("what was answered and logged of it", () => {
  it("holds no secret, key id, signature, token or ARN", () => {
    const logged = [open, closed].flatMap(({ harness }) => harness.getLogs()).map((entry) => JSON.stringify(entry));
    expect(logged.length).toBeGreaterThanOrEqual(2 * REFUSALS.length);
    expect(sent.size).toBeGreaterThan(2 * REFUSALS.length);
    const told = [...answered, ...logged].join("\n");
    expect([...sent].filter((secret) => told.includes(secret))).toEqual([]);
  });
});
