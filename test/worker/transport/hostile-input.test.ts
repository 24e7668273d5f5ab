/** What a caller can make cross into libraries and the runtime: never a 500, and nothing of it comes back. */

import { env } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { exportJWK, generateKeyPair } from "jose";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { authenticate } from "../../../src/worker/auth/authenticate.ts";
import { readPrincipals } from "../../../src/worker/auth/principals.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import { violated } from "../../../src/worker/transport/messages/constraints.ts";
import { REST } from "../../../src/worker/transport/messages/dialect.ts";
import { BODY, parseJson, readable, readMessage } from "../../../src/worker/transport/messages/read.ts";
import { OPERATIONS } from "../../../src/worker/transport/operations.ts";
import { restError } from "../../../src/worker/transport/rest/errors.ts";
import { CODECS } from "../../../src/worker/transport/rpc/codec.ts";
import { rpcError } from "../../../src/worker/transport/rpc/errors.ts";
import { localService } from "../../support/credentials.ts";
import { usersThat } from "../../support/users.ts";

const { SEED } = env as unknown as { SEED?: string };
const RUNS = { ...(SEED && { seed: Number(SEED) }), numRuns: 500 };

/** Stands in whatever is made up. No word of a path, which may be told, has a colon. */
const CANARY = "c4n4ry:";
const SECRET = "a secret of thirty-two characters or more";
const KEY_ID = "AKIDEXAMPLE000000001";
const ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/a/user/alice";

const rsa = await generateKeyPair("RS256", { extractable: true });
const SET = [
  { ...(await exportJWK(rsa.publicKey)), kid: "1" },
  { kty: "RSA", n: "!", e: "AQAB", kid: "2" },
];

const principals = (() => {
  const policy = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: `arn:*\${jwt:sub}*` } };
  const issuer = { issuer: "i", audience: "rollcall" };
  const documents = {
    KEY: {
      accessKeys: [{ accessKeyId: KEY_ID, secretAccessKey: SECRET }],
      policy: { ...policy, Statement: { ...policy.Statement, Resource: "*" } },
    },
    SECRETS: { tokenIssuer: { ...issuer, secrets: [SECRET] }, policy },
    SET: { tokenIssuer: { ...issuer, issuer: "j", jwksUrl: "https://j.example/", algorithm: "RS256" }, policy },
    OKP: {
      tokenIssuer: { ...issuer, issuer: "j", audience: "b", jwksUrl: "https://j.example/", algorithm: "EdDSA" },
      policy,
    },
  };
  const variables = Object.entries(documents).map(([name, document]) => [
    `PRINCIPAL_${name}`,
    JSON.stringify(document),
  ]);
  return readPrincipals(Object.fromEntries(variables), { localMode: false, signingRegions: [] });
})();

const odd = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  fc.constantFrom(
    "",
    "%zz",
    "%C3%28",
    "%00",
    "\0",
    "__proto__",
    "constructor",
    "\ud800",
    "😀",
    "/",
    "..",
    "//",
    ";",
    "a=b=c",
  ),
  fc.constantFrom("a", "(", "[", "%41", ";", ",", "=", "&", "a;", "a=1,", "x=%00&").map((unit) => unit.repeat(30_000)),
);
const marked = odd.map((text) => CANARY + text);
const value = fc.oneof(marked, odd);

/** What a text can be in a header: the runtime takes bytes, and of those no ends of lines. */
const inHeader = value.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?").trim());

/** More characters than fit on the stack, if each were an argument. */
const LONG = JSON.stringify("a".repeat(200_000));

const json = fc.oneof(
  fc.jsonValue().map((made) => JSON.stringify(made)),
  fc.constantFrom("1e999", "-1e999", "-0", `"\\ud800"`, "{}", "[]", "null", "[[[[[[]]]]]]"),
  marked.map((text) => JSON.stringify(text)),
  fc.constant(LONG),
  fc.constantFrom("[", `{"a":`, `{"__proto__":`).map((open) => `${open.repeat(20_000)}1`),
);

/** A JSON object of some of these members, each as it should be or odd. */
function object(members: Record<string, readonly string[]>) {
  const model = Object.entries(members).map(([name, right]) => {
    const made = right.length === 0 ? json : fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...right) }, json);
    return fc.option(
      made.map((text) => `${JSON.stringify(name)}:${text}`),
      { nil: "", freq: 8 },
    );
  });
  return fc.tuple(...model).map((parts) => `{${parts.filter(Boolean).join()}}`);
}

const base64url = (text: string) => Buffer.from(text).toString("base64url");
const LATER = String(Math.floor(Date.now() / 1_000) + 3_600);

function jwt(header: string, claims: string, signature?: string): string {
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${signature ?? createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

const token = fc
  .record({
    header: fc.oneof(
      { weight: 2, arbitrary: fc.constant(`{"alg":"HS256"}`) },
      {
        weight: 4,
        arbitrary: object({
          alg: [`"HS256"`, `"RS256"`, `"EdDSA"`],
          kid: [`"1"`, `"2"`],
          crit: [`["b64"]`],
          b64: ["false"],
          typ: [],
          jwk: [],
          zip: [],
        }),
      },
      json,
    ),
    claims: fc.oneof(
      {
        weight: 3,
        arbitrary: object({ iss: [`"i"`], aud: [`"rollcall"`], exp: [LATER], sub: [`"alice"`, LONG], email: [] }),
      },
      {
        weight: 3,
        arbitrary: object({
          iss: [`"i"`, `"j"`],
          aud: [`"rollcall"`, `["rollcall","b"]`],
          exp: [LATER],
          nbf: ["0"],
          iat: ["0"],
          sub: [`"alice"`, LONG],
        }),
      },
      json,
    ),
    signature: fc.option(value.map(base64url), { freq: 3 }),
  })
  .map(({ header, claims, signature }) => jwt(header, claims, signature ?? undefined));

const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
const often = (right: string) => fc.oneof({ weight: 6, arbitrary: fc.constant(right) }, inHeader);
const credential = fc.tuple(
  often(KEY_ID),
  often(date.slice(0, 8)),
  often("us-east-1"),
  often("chime"),
  often("aws4_request"),
);

const signature = fc
  .record({
    ...{
      algorithm: often("AWS4-HMAC-SHA256"),
      credential: credential.map((parts) => parts.join("/")),
      date: often(date),
    },
    ...{ names: often("host;x-amz-date"), signature: often("0".repeat(64)), expires: often("300"), extra: inHeader },
  })
  .map((sent) => ({
    header: `${sent.algorithm} Credential=${sent.credential}, SignedHeaders=${sent.names}, Signature=${sent.signature}`,
    date: sent.date,
    query: Object.entries({
      ...{ Algorithm: sent.algorithm, Credential: sent.credential, SignedHeaders: sent.names },
      ...{ Signature: sent.signature, Date: sent.date, Expires: sent.expires, "Security-Token": sent.extra },
    })
      .map(([name, text]) => `X-Amz-${name}=${text.startsWith(CANARY) ? text : encodeURIComponent(text)}`)
      .join("&"),
  }));

const credentials = fc.oneof(
  { weight: 4, arbitrary: token.map((text) => ({ headers: { authorization: `Bearer ${text}` }, query: "" })) },
  {
    weight: 2,
    arbitrary: signature.map(({ header, date }) => ({
      headers: { authorization: header, "x-amz-date": date },
      query: "",
    })),
  },
  { weight: 2, arbitrary: signature.map(({ query }) => ({ headers: {}, query })) },
  inHeader.map((authorization) => ({ headers: { authorization }, query: "" })),
);

const SERVICE = "/rollcall.v1.AppInstanceUserEndpointService/";
const id = value.map((text) => encodeURIComponent(text.toWellFormed()));
const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constant(encodeURIComponent(ARN)) },
  id,
  id.map((text) => `%zz${text}`),
);
const path = fc.oneof(
  segment.map((arn) => `/app-instance-users/${arn}/endpoints`),
  fc.tuple(segment, id).map(([arn, endpoint]) => `/app-instance-users/${arn}/endpoints/${endpoint}`),
  fc
    .constantFrom("Register", "Describe", "Update", "Deregister")
    .map((verb) => `${SERVICE}${verb}AppInstanceUserEndpoint`),
  fc.constantFrom(...["List", "Resolve"].map((verb) => `${SERVICE}${verb}AppInstanceUserEndpoints`)),
  fc.constant(`${SERVICE}ReportAppInstanceUserEndpointFailures`),
  fc.constantFrom("resolve", "failures", "", "/").map((last) => `/app-instance-user-endpoints/${last}`),
  id.map((last) => `/app-instance-user-endpoints/${last}`),
);

const TIMES = ["1", "1795462670.707", `"2026-11-26T12:00:00Z"`];
const failure = object({
  ...{ AppInstanceUserArn: [JSON.stringify(ARN)], appInstanceUserArn: [JSON.stringify(ARN)] },
  ...{ EndpointId: [`"e"`], endpointId: [`"e"`], DeviceToken: [`"d"`], deviceToken: [`"d"`] },
  ...{ Reason: [`"Unregistered"`], reason: [`"Unregistered"`], Timestamp: TIMES, timestamp: TIMES },
});
const times = fc.oneof(fc.double().map(String), fc.constantFrom(...TIMES, "1795462670707", "1e300", "-1e300", "1e999"));
/** Some, or so many that they are too many or just not, unless one alone fills a body. */
const listOf = (item: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.array(item, { maxLength: 4 }) },
    fc
      .tuple(item, fc.constantFrom(100, 101, 30_000))
      .map(([text, length]) => Array<string>(Math.min(length, Math.ceil(100_000 / text.length))).fill(text)),
  );
/** What has lists: all of their items as they should be, or odd. */
const batch = fc
  .record({
    users: listOf(fc.oneof({ weight: 6, arbitrary: fc.constant(JSON.stringify(ARN)) }, json)),
    failures: listOf(
      fc.oneof(
        { weight: 6, arbitrary: failure },
        times.map((time) => `{"timestamp":${time},"Timestamp":${time}}`),
        json,
      ),
    ),
  })
  .map(({ users, failures }) => [users, failures].map((items) => `[${items.join()}]`))
  .map(
    ([users, failures]) =>
      `{"appInstanceUserArns":${users},"AppInstanceUserArns":${users},"failures":${failures},"Failures":${failures}}`,
  );

const members = object({
  ...{
    appInstanceUserArn: [JSON.stringify(ARN)],
    AppInstanceUserArn: [JSON.stringify(ARN)],
    Name: [`"a"`],
    name: [`"a"`],
  },
  ...{
    Type: [`"GCM"`],
    type: [`"APP_INSTANCE_USER_ENDPOINT_TYPE_GCM"`],
    ResourceArn: [`"arn:a"`],
    resourceArn: [`"arn:a"`],
  },
  ...{
    EndpointAttributes: [`{"DeviceToken":"d"}`],
    endpointAttributes: [`{"deviceToken":"d"}`],
    AllowMessages: [`"ALL"`],
  },
  ...{
    ClientRequestToken: [`"token"`],
    clientRequestToken: [`"token"`],
    maxResults: ["1"],
    nextToken: [],
    endpointId: [],
  },
});
const frame = (bytes: Uint8Array) =>
  new Uint8Array([0, 0, bytes.length >> 16, bytes.length >> 8, bytes.length, ...bytes]);
const bytes = fc.oneof(
  { weight: 3, arbitrary: members.map((text) => new TextEncoder().encode(text)) },
  { weight: 3, arbitrary: batch.map((text) => new TextEncoder().encode(text)) },
  json.map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map(frame),
  members.map((text) => frame(new TextEncoder().encode(text))),
);
const body = fc
  .tuple(bytes, fc.boolean())
  .map(([made, isZipped]) => (isZipped ? new Uint8Array(gzipSync(made)) : made));

const anyCall = fc.record({
  ...{ credentials, path, body },
  method: fc.constantFrom("POST", "POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS"),
  query: fc.oneof(
    fc.constant(""),
    odd,
    fc.tuple(value, value).map(([a, b]) => `max-results=${a}&next-token=${b}&max-results=1`),
  ),
  headers: fc.dictionary(
    fc.constantFrom(
      "content-encoding",
      "grpc-encoding",
      "connect-timeout-ms",
      "grpc-timeout",
      "x-amz-security-token",
      "x-amz-content-sha256",
      "date",
      "accept-encoding",
      "accept",
      "origin",
      "connect-protocol-version",
      "te",
    ),
    fc.oneof(inHeader, fc.constantFrom("gzip", "identity", "1", "1S")),
  ),
  contentType: fc.oneof(
    fc.constantFrom(
      "application/json",
      "application/proto",
      "application/grpc-web+proto",
      "application/grpc-web+json",
      "application/grpc-web-text",
    ),
    inHeader,
  ),
});

const endpoints = `/app-instance-users/${encodeURIComponent(ARN)}/endpoints`;
const list = { method: "GET", path: endpoints, query: "", headers: {} };
const alice = jwt(`{"alg":"HS256"}`, `{"iss":"i","aud":"rollcall","exp":${LATER},"sub":"alice"}`);
const registerAsAlice = {
  ...{ method: "POST", path: endpoints, headers: {}, contentType: "application/json" },
  credentials: { headers: { authorization: `Bearer ${alice}` }, query: "" },
};
const batches = fc.constantFrom(
  "/app-instance-user-endpoints/resolve",
  "/app-instance-user-endpoints/failures",
  `${SERVICE}ResolveAppInstanceUserEndpoints`,
  `${SERVICE}ReportAppInstanceUserEndpointFailures`,
);
/** A quarter such that credentials alone decide what becomes of them, and a half such that the body does. */
const calls = fc.oneof(
  anyCall,
  anyCall.map((call) => ({ ...call, ...list })),
  anyCall.map((call) => ({ ...call, ...registerAsAlice })),
  fc.tuple(anyCall, batches, batch).map(([call, path, text]) => {
    return { ...call, ...registerAsAlice, path, query: "", body: new TextEncoder().encode(text) };
  }),
);

type Call = typeof calls extends fc.Arbitrary<infer Made> ? Made : never;

/** Undefined where the runtime would not deliver it. */
function requestOf({ credentials, path, query, headers, contentType, method, body }: Call) {
  try {
    const url = new URL(`http://localhost${path}?${[query, credentials.query].filter(Boolean).join("&")}`);
    const init = { method, headers: { ...headers, "content-type": contentType, ...credentials.headers } };
    return new Request(url, method === "GET" || method === "HEAD" ? init : { ...init, body });
  } catch {
    return undefined;
  }
}

let logs: string[] = [];
beforeEach(() => {
  logs = [];
  for (const level of ["log", "error", "warn", "info"] as const) {
    vi.spyOn(console, level).mockImplementation((...told) => void logs.push(told.map(String).join(" ")));
  }
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ keys: SET }));
});
afterEach(() => vi.restoreAllMocks());

it("authenticate says who it is or why not, whatever stands in headers, query and token", async () => {
  const reasons = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(calls, async (made) => {
      const request = requestOf(made);
      fc.pre(request !== undefined);
      const outcome = await authenticate(
        { request, url: new URL(request.url), body: made.body },
        principals,
        Date.now(),
      );
      const reason = outcome.kind === "caller" ? "caller" : "fault" in outcome ? outcome.fault : outcome.reason;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      expect(outcome.kind === "caller" || !JSON.stringify(outcome).includes(CANARY)).toBe(true);
    }),
    RUNS,
  );
  // It has got far enough to be of use.
  expect([...reasons.keys()]).toEqual(
    expect.arrayContaining(["caller", "WRONG_SIGNATURE", "NOT_A_JWT", "BAD_CREDENTIAL"]),
  );
});

it("the app answers every call with no 500, and repeats nothing in answer and log", async () => {
  const { users } = usersThat(() => ({ kind: "ok", response: { users: [], results: [], errors: [] } }));
  const app = createApp({
    ...localService(),
    authenticate: (received) => authenticate(received, principals, Date.now()),
    callerRate: { limit: async () => ({ success: true }) },
    users,
  });
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(calls, async (made) => {
      const request = requestOf(made);
      fc.pre(request !== undefined);
      const response = await app.fetch(request);
      const told = [await response.text(), ...[...response.headers].flat(), ...logs.splice(0)].join("\n");
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      expect(response.status).not.toBe(500);
      expect(told).not.toContain(CANARY);
      expect(told).not.toMatch(/"event":"(bug|fault)"|internal/);
    }),
    RUNS,
  );
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403]));
});

it.each(OPERATIONS)(
  "what is sent for $name is read or refused, and nothing of it is repeated",
  ({ method: { input } }) => {
    const codecs = [
      CODECS.json,
      CODECS.proto,
      {
        decode: (_: unknown, content: Uint8Array) => readable(() => readMessage(input, parseJson(content), REST, BODY)),
      },
    ];
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(bytes, fc.constantFrom(...codecs), (content, codec) => {
        const read = codec.decode(input, content);
        const failure = "kind" in read ? read : violated(input, read, Date.now());
        const outcome = failure === undefined ? "valid" : failure.reason;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        expect(JSON.stringify(failure && [restError(failure), rpcError(failure)]) ?? "").not.toContain(CANARY);
      }),
      { ...RUNS, numRuns: 150 },
    );
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(["UNREADABLE_REQUEST", "CONSTRAINTS_VIOLATED"]));
  },
);
