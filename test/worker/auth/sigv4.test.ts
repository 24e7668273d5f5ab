import { createHash, createHmac } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { afterEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../../src/worker/auth/authenticate.ts";
import { restError } from "../../../src/worker/transport/rest/errors.ts";
import { rpcError } from "../../../src/worker/transport/rpc/errors.ts";
import { CAPTURES, PRESIGNED, type RawRequest, signedAt, signers, toReceived } from "../../support/signed-requests.ts";

const MINUTE_MS = 60_000;
const ACCEPTED = { kind: "caller", principal: "SDK" };

interface Circumstances {
  readonly afterMs?: number;
  readonly key?: object;
}

function outcome(request: RawRequest, { afterMs = 0, key = {} }: Circumstances = {}) {
  return authenticate(toReceived(request), signers(request, key), signedAt(request) + afterMs);
}

function withHeader(request: RawRequest, name: string, value: string | null): RawRequest {
  const others = request.headers.filter(([other]) => other.toLowerCase() !== name);
  return { ...request, headers: value === null ? others : [...others, [name, value]] };
}

function inAuthorization(request: RawRequest, from: RegExp, to: string): RawRequest {
  const value = request.headers.find(([name]) => name.toLowerCase() === "authorization")?.[1] ?? "";
  expect(value).toMatch(from);
  return withHeader(request, "authorization", value.replace(from, to));
}

function inTarget(request: RawRequest, from: RegExp, to: string): RawRequest {
  expect(request.target).toMatch(from);
  return { ...request, target: request.target.replace(from, to) };
}

const [byJavaScript, byBotocore] = [CAPTURES[0], CAPTURES[7]] as [RawRequest, RawRequest];
const [presigned] = PRESIGNED as [RawRequest];

afterEach(() => vi.restoreAllMocks());

/** How often WebCrypto signs, four times for each key that is derived, and verifies. */
async function workOf(call: () => Promise<{ kind: string }>) {
  const [sign, verify] = [vi.spyOn(crypto.subtle, "sign").mockClear(), vi.spyOn(crypto.subtle, "verify").mockClear()];
  const { kind } = await call();
  return { kind, signed: sign.mock.calls.length, verified: verify.mock.calls.length };
}

const name = ({ method, target }: RawRequest) => `${method} ${target.slice(0, 60)}`;

describe("a request that an SDK signed", () => {
  it.each([...CAPTURES, ...PRESIGNED].map((request) => [name(request), request] as const))(
    "is let in: %s",
    async (_, request) => {
      expect(await outcome(request)).toMatchObject(ACCEPTED);
    },
  );

  it("is let in with a length that a proxy has dropped", async () => {
    expect(await outcome(withHeader(byJavaScript, "content-length", null))).toMatchObject(ACCEPTED);
  });

  it("is refused for another service, path, query, method or body, all alike", async () => {
    const refused = { kind: "unauthenticated", reason: "SIGNATURE_REFUSED", fault: "WRONG_SIGNATURE" };
    for (const changed of [
      inTarget(byJavaScript, /jane/, "joan"),
      inTarget(byJavaScript, /%3A/, ":"),
      inTarget(byJavaScript, /$/, "?x=1"),
      { ...byBotocore, body: byBotocore.body.replace("}", " }") },
      { ...byBotocore, method: "PUT" },
      withHeader(byBotocore, "host", "elsewhere.example.com"),
    ]) {
      const host = changed.headers.find(([name]) => name.toLowerCase() === "host")?.[1];
      expect(await outcome(changed)).toEqual({ ...refused, host });
    }
  });
});

describe("whether an access key exists", () => {
  it("shows in nothing that a caller is told, and in what is logged", async () => {
    const told = (refusal: Awaited<ReturnType<typeof outcome>>) =>
      refusal.kind === "caller" ? refusal : [restError(refusal), rpcError(refusal)];
    const unknown = (request: RawRequest) => inAuthorization(request, /AKIDEXAMPLE/, "AKIDNOBODY");
    const plain = withHeader(inAuthorization(byBotocore, /;x-amz-security-token/, ""), "x-amz-security-token", null);
    for (const [request, key, fault] of [
      [plain, { secretAccessKey: "x" }, "WRONG_SIGNATURE"],
      [byBotocore, { sessionToken: undefined }, "WRONG_SESSION_TOKEN"],
      [byBotocore, { sessionToken: "other" }, "WRONG_SESSION_TOKEN"],
    ] as const) {
      const [nobody, somebody] = [await outcome(unknown(request)), await outcome(request, { key })];
      expect(told(nobody)).toEqual(told(somebody));
      expect([nobody, somebody]).toMatchObject([{ fault: "UNKNOWN_KEY" }, { fault }]);
    }
  });

  it("shows in none of the work that a refusal makes, be a key of the region kept or not", async () => {
    const unknown = (request: RawRequest) => inAuthorization(request, /AKIDEXAMPLE/, "AKIDNOBODY");
    const forged = inAuthorization(byBotocore, /Signature=..../, "Signature=0000");
    const fresh = inAuthorization(forged, /us-east-1/, "never-heard-of-1");
    const refused = { kind: "unauthenticated", signed: 4, verified: 1 };
    // Keeps the key, so that the next is about a warm one.
    expect(await outcome(byBotocore)).toMatchObject(ACCEPTED);
    for (const [request, key] of [
      [forged, {}],
      [unknown(forged), {}],
      [byBotocore, { sessionToken: "other" }],
      [unknown(fresh), {}],
      [fresh, {}],
      [fresh, {}],
    ] as const) {
      expect(await workOf(() => outcome(request, { key }))).toEqual(refused);
    }
  });

  it("can't be told, nor others slowed down, by naming ever new regions", async () => {
    expect(await outcome(byBotocore)).toMatchObject(ACCEPTED);
    for (let n = 0; n < 501; n++) {
      await outcome(inAuthorization(byBotocore, /us-east-1/, `made-up-${n}`));
    }
    expect(await workOf(() => outcome(byBotocore))).toEqual({ kind: "caller", signed: 0, verified: 1 });
  });

  it("shows no sooner by an expired session than by its right signature", async () => {
    const key = { expiresAt: signedAt(byBotocore) };
    expect(await outcome(byBotocore, { key })).toEqual({ kind: "signature", reason: "SESSION_EXPIRED" });
    expect(await outcome(byBotocore, { key: { ...key, secretAccessKey: "x" } })).toMatchObject({
      reason: "SIGNATURE_REFUSED",
    });
    expect(await outcome(byBotocore, { key, afterMs: -1 })).toMatchObject(ACCEPTED);
  });

  it("a key with a session token is good only together with it", async () => {
    const request = PRESIGNED.find(({ target }) => !target.includes("Security-Token")) as RawRequest;
    expect(await outcome(request, { key: { sessionToken: "t" } })).toMatchObject({
      reason: "SIGNATURE_REFUSED",
      fault: "NO_SESSION_TOKEN",
    });
  });
});

describe("in local mode a refused signature", () => {
  const plain = PRESIGNED.find(({ target }) => !target.includes("Security-Token")) as RawRequest;

  async function told(request: RawRequest, key: object = {}): Promise<string> {
    const principals = signers(request, key, true);
    const refusal = await authenticate(toReceived(request), principals, signedAt(request));
    return refusal.kind === "caller" ? "" : restError(refusal).body.message;
  }

  it("tells what should have been signed, which the right secret signs alike", async () => {
    const message = await told(plain, { secretAccessKey: "another" });
    expect(message).toContain("The access key is known, and its secret makes another signature.");
    const canonical = /The Canonical String for this request should have been\n'([^']+)'/.exec(message)?.[1] ?? "";
    const text = /The String-to-Sign should have been\n'([^']+)'/.exec(message)?.[1] ?? "";
    expect(text.split("\n")[3]).toBe(createHash("sha256").update(canonical).digest("hex"));
    const signature = hmacs("AWS4s", "20261123", "us-east-1", "chime", "aws4_request", text);
    expect(plain.target).toContain(`X-Amz-Signature=${Buffer.from(signature).toString("hex")}`);
  });

  it("tells of a key that is not known", async () => {
    expect(await told(inTarget(plain, /AKIDEXAMPLE/, "AKIDNOBODY"))).toContain("No access key has this id.");
  });

  it("shows no session token and no signature", async () => {
    const inQuery = PRESIGNED.find(({ target }) => target.includes("Security-Token")) as RawRequest;
    for (const request of [byBotocore, inQuery]) {
      const message = await told(request, { secretAccessKey: "another" });
      expect(message).toContain("LEFT-OUT");
      expect(message).not.toMatch(/tok[/%]/);
      const [, signature = "none"] = /Signature=(\w{64})/.exec(request.target + request.headers.join()) ?? [];
      expect(message).not.toContain(signature);
    }
  });
});

describe("a signature's time", () => {
  it.each([
    [15 * MINUTE_MS, ACCEPTED],
    [15 * MINUTE_MS + 1, { kind: "signature", reason: "SIGNATURE_EXPIRED", toleranceMs: 15 * MINUTE_MS }],
    [-15 * MINUTE_MS, ACCEPTED],
    [-15 * MINUTE_MS - 1, { kind: "signature", reason: "SIGNATURE_NOT_YET_CURRENT", toleranceMs: 15 * MINUTE_MS }],
  ])("is checked %d ms after it", async (afterMs, expected) => {
    expect(await outcome(byBotocore, { afterMs })).toMatchObject(expected);
  });

  it.each([
    [5 * MINUTE_MS, ACCEPTED],
    [5 * MINUTE_MS + 1, { kind: "signature", reason: "SIGNATURE_EXPIRED", toleranceMs: 5 * MINUTE_MS }],
    [-15 * MINUTE_MS, ACCEPTED],
    [-15 * MINUTE_MS - 1, { kind: "signature", reason: "SIGNATURE_NOT_YET_CURRENT", toleranceMs: 15 * MINUTE_MS }],
  ])("in a presigned URL for five minutes is checked %d ms after it", async (afterMs, expected) => {
    expect(await outcome(presigned, { afterMs })).toMatchObject(expected);
  });

  it("is told before anything that a secret decides", async () => {
    const forged = inAuthorization(byBotocore, /Signature=..../, "Signature=0000");
    expect(await outcome(forged, { afterMs: 20 * MINUTE_MS })).toMatchObject({ reason: "SIGNATURE_EXPIRED" });
  });
});

describe("a signature as other signers make it", () => {
  const KEY = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s" };
  const TARGET = "/app-instance-users/arn%3Aa/endpoints?max-results=1";
  const SIGNED_AT = Date.UTC(2026, 10, 23);
  const HOST = ["host", "127.0.0.1:8899"] as const;

  /** By aws4fetch, which as most signers has no X-Amz-Expires for services other than S3. */
  async function presignedWithoutLifetime(at = SIGNED_AT): Promise<RawRequest> {
    const url = `http://${HOST[1]}${TARGET}`;
    const signing = { ...KEY, url, service: "chime", region: "us-east-1", datetime: basic(at), signQuery: true };
    const { pathname, search } = (await new AwsV4Signer(signing).sign()).url;
    expect(search).not.toContain("X-Amz-Expires");
    return { method: "GET", target: pathname + search, headers: [HOST], body: "" };
  }

  it.each([
    [15 * MINUTE_MS, ACCEPTED],
    [15 * MINUTE_MS + 1, { kind: "signature", reason: "SIGNATURE_EXPIRED", toleranceMs: 15 * MINUTE_MS }],
  ])("in a URL that says no lifetime is good for 15 minutes: %d ms after it", async (afterMs, expected) => {
    expect(await outcome(await presignedWithoutLifetime(), { afterMs })).toMatchObject(expected);
  });

  it("is let in on every day, though what is kept of a secret is one day's", async () => {
    for (const days of [0, 1, 0]) {
      expect(await outcome(await presignedWithoutLifetime(SIGNED_AT + days * 24 * 60 * MINUTE_MS))).toMatchObject(
        ACCEPTED,
      );
    }
  });

  it("may not have its lifetime added or taken away", async () => {
    const request = await presignedWithoutLifetime();
    for (const changed of [
      inTarget(request, /$/, "&X-Amz-Expires=604800"),
      inTarget(presigned, /&X-Amz-Expires=300/, ""),
    ]) {
      expect(await outcome(changed)).toMatchObject({ reason: "SIGNATURE_REFUSED" });
    }
  });

  /** A header's signature with these headers signed, and no other sent. */
  function signedBy(headers: readonly (readonly [string, string])[], timestamp = basic(SIGNED_AT)): RawRequest {
    const scope = [basic(SIGNED_AT).slice(0, 8), "us-east-1", "chime", "aws4_request"];
    const names = headers.map(([name]) => name).join(";");
    const path = "/app-instance-users/arn%253Aa/endpoints";
    const lines = headers.map(([name, value]) => `${name}:${value}`);
    const canonical = ["GET", path, "max-results=1", ...lines, "", names, sha256("")].join("\n");
    const text = ["AWS4-HMAC-SHA256", timestamp, scope.join("/"), sha256(canonical)].join("\n");
    const signature = Buffer.from(hmacs("AWS4s", ...scope, text)).toString("hex");
    const credential = `${KEY.accessKeyId}/${scope.join("/")}`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
    return { method: "GET", target: TARGET, headers: [...headers, ["authorization", authorization]], body: "" };
  }

  const present = (request: RawRequest) => authenticate(toReceived(request), signers(request), SIGNED_AT);

  it("is dated by a signed Date in the place of X-Amz-Date", async () => {
    expect(await present(signedBy([["date", basic(SIGNED_AT)], HOST]))).toMatchObject(ACCEPTED);
  });

  it("is dated by X-Amz-Date where both are there", async () => {
    const dates = (date: string, amzDate: string) => [["date", date], HOST, ["x-amz-date", amzDate]] as const;
    const other = basic(SIGNED_AT - 60 * MINUTE_MS);
    expect(await present(signedBy(dates(other, basic(SIGNED_AT))))).toMatchObject(ACCEPTED);
    expect(await present(signedBy(dates(basic(SIGNED_AT), other), other))).toMatchObject({ fault: "DATES_DIFFER" });
  });

  it.each([
    ["in another form than ISO 8601's basic one", "BAD_DATE", [["date", "Mon, 23 Nov 2026 00:00:00 GMT"], HOST]],
    ["that is not signed", "INCOMPLETE_HEADER", [HOST]],
  ] as const)("is refused with a Date %s", async (_, fault, headers) => {
    const request = withHeader(
      signedBy(headers),
      "date",
      new Map<string, string>(headers).get("date") ?? basic(SIGNED_AT),
    );
    expect(await present(request)).toMatchObject({ reason: "SIGNATURE_MALFORMED", fault });
  });
});

function basic(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What SigV4 signs with, and in the end the signature: each step's text under the result of the one before. */
function hmacs(secret: string, ...texts: string[]): string | Buffer {
  return texts.reduce<string | Buffer>((key, text) => createHmac("sha256", key).update(text).digest(), secret);
}

describe("a malformed signature", () => {
  const content = "x-amz-content-sha256";
  it.each<[string, RawRequest]>([
    ["UNSUPPORTED_ALGORITHM", inAuthorization(byBotocore, /AWS4-HMAC-SHA256/, "AWS4-ECDSA-P256-SHA256")],
    ["UNKNOWN_SCHEME", withHeader(byBotocore, "authorization", "Basic QUtJREVYQU1QTEU6cw==")],
    ["UNKNOWN_SCHEME", withHeader(byBotocore, "authorization", "JWT e30.e30.x")],
    ["UNKNOWN_SCHEME", withHeader(byBotocore, "authorization", "")],
    ["UNSUPPORTED_ALGORITHM", withHeader(byBotocore, "authorization", "AWS AKIDEXAMPLE:c2lnbmF0dXJl")],
    ["UNSUPPORTED_ALGORITHM", withHeader(byBotocore, "authorization", "AWS4-HMAC-SHA256")],
    ["INCOMPLETE_HEADER", inAuthorization(byBotocore, /Credential=[^,]+, /, "")],
    ["INCOMPLETE_HEADER", inAuthorization(byBotocore, /SignedHeaders=[^,]+, /, "")],
    ["INCOMPLETE_HEADER", inAuthorization(byBotocore, /, Signature=.*/, "")],
    ["INCOMPLETE_HEADER", inAuthorization(byBotocore, /, Signature=(.*)/, ", Signature=$1, Signature=$1")],
    ["INCOMPLETE_HEADER", inAuthorization(byBotocore, /$/, ", Extra=1")],
    ["INCOMPLETE_HEADER", withHeader(byBotocore, "x-amz-date", null)],
    ["INCOMPLETE_HEADER", withHeader(withHeader(byBotocore, "x-amz-date", null), "date", "20261123T063817Z")],
    ["HOST_NOT_SIGNED", inAuthorization(byBotocore, /;host/, "")],
    ["HEADER_NOT_SIGNED", withHeader(byBotocore, "x-amz-added", "1")],
    ["HEADER_NOT_SIGNED", inAuthorization(byBotocore, /;x-amz-date/, "")],
    ["HEADER_NOT_SIGNED", withHeader(presigned, "x-amz-security-token", "t")],
    ["SIGNED_HEADER_ABSENT", withHeader(byBotocore, "content-type", null)],
    ["SIGNED_HEADER_ABSENT", inAuthorization(byBotocore, /host;/, "host;;")],
    ["SIGNED_HEADER_ABSENT", inAuthorization(byBotocore, /host;/, "constructor;host;")],
    ["SIGNED_HEADER_ABSENT", inAuthorization(byBotocore, /host;/, "host;no header;")],
    ["SIGNED_HEADER_TWICE", inAuthorization(byBotocore, /host;/, "host;host;")],
    ["BAD_DATE", withHeader(byBotocore, "x-amz-date", "2026-11-23T06:38:17Z")],
    ["BAD_DATE", withHeader(byBotocore, "x-amz-date", "20261323T063817Z")],
    ["BAD_DATE", withHeader(byBotocore, "x-amz-date", "20260230T000000Z")],
    ["BAD_CREDENTIAL", inAuthorization(byBotocore, /\/aws4_request/, "")],
    ["BAD_CREDENTIAL", inAuthorization(byBotocore, /aws4_request/, "aws5_request")],
    ["BAD_CREDENTIAL", inAuthorization(byBotocore, /AKIDEXAMPLE/, "AKID/EXAMPLE")],
    ["BAD_CREDENTIAL", inAuthorization(byBotocore, /AKIDEXAMPLE/, "")],
    ["BAD_REGION", inAuthorization(byBotocore, /us-east-1/, "US_EAST")],
    ["WRONG_SERVICE", inAuthorization(byBotocore, /chime/, "s3")],
    ["DATES_DIFFER", inAuthorization(byBotocore, /20261123/, "20261122")],
    ["BAD_SIGNATURE", inAuthorization(byBotocore, /Signature=./, "Signature=")],
    ["BAD_SIGNATURE", inAuthorization(byBotocore, /Signature=./, "Signature=F")],
    ["PAYLOAD_HASH_DIFFERS", withHeader(byJavaScript, content, "UNSIGNED-PAYLOAD")],
    ["PAYLOAD_HASH_DIFFERS", withHeader(byJavaScript, content, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")],
    ["PAYLOAD_HASH_DIFFERS", { ...byJavaScript, body: byJavaScript.body.replace("APNS", "GCM_") }],
    ["UNSUPPORTED_ALGORITHM", inTarget(presigned, /AWS4-HMAC-SHA256/, "AWS4-ECDSA-P256-SHA256")],
    ["UNSUPPORTED_ALGORITHM", inTarget(presigned, /X-Amz-Algorithm=[^&]+&/, "")],
    ["INCOMPLETE_QUERY", inTarget(presigned, /&X-Amz-Signature=\w+/, "")],
    ["INCOMPLETE_QUERY", inTarget(presigned, /&X-Amz-Date=\w+/, "")],
    ["INCOMPLETE_QUERY", inTarget(presigned, /(&X-Amz-Date=\w+)/, "$1$1")],
    ["BAD_LIFETIME", inTarget(presigned, /Expires=300/, "Expires=")],
    ["BAD_LIFETIME", inTarget(presigned, /(&X-Amz-Expires=300)/, "$1$1")],
    ["BAD_LIFETIME", inTarget(presigned, /Expires=300/, "Expires=0")],
    ["BAD_LIFETIME", inTarget(presigned, /Expires=300/, "Expires=604801")],
    ["BAD_LIFETIME", inTarget(presigned, /Expires=300/, "Expires=3e2")],
    ["BAD_QUERY", inTarget(byBotocore, /$/, "?x=%zz")],
  ])("is told: %s", async (fault, request) => {
    // The clock's time is the original's, for a changed date may be none.
    const now = signedAt(request === presigned || request.target.includes("X-Amz") ? presigned : byBotocore);
    expect(await authenticate(toReceived(request), signers(request), now)).toEqual({
      kind: "unauthenticated",
      reason: "SIGNATURE_MALFORMED",
      fault,
    });
  });

  it("tells of a second set of credentials beside a presigned URL", async () => {
    for (const authorization of ["Bearer x", "AWS4-HMAC-SHA256 Credential=x"]) {
      expect(await outcome(withHeader(presigned, "authorization", authorization))).toMatchObject({
        reason: "CREDENTIALS_AMBIGUOUS",
      });
    }
  });
});

describe("the region of a signature", () => {
  it.each([
    [[], ACCEPTED],
    [["eu-central-1", "us-east-1"], ACCEPTED],
    [["eu-central-1"], { reason: "SIGNATURE_MALFORMED", fault: "BAD_REGION" }],
  ])("where it is to be one of %j", async (signingRegions, expected) => {
    const principals = { ...signers(byBotocore), signingRegions };
    const now = signedAt(byBotocore);
    expect(await authenticate(toReceived(byBotocore), principals, now)).toMatchObject(expected);
  });
});
