/** Requests that SDKs signed, as they were on the wire (test/fixtures), and the key that they were signed with. */
import type { Principals } from "../../src/worker/auth/principals.ts";
import type { ReceivedRequest } from "../../src/worker/auth/sigv4/verify.ts";
import type { Policy } from "../../src/worker/model/policy.ts";
import presigned from "../fixtures/presigned.json";
import captures from "../fixtures/sigv4-captures.json";

export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export const ALLOW_ALL: Policy = [{ effect: "Allow", actions: [[{ kind: "any" }]], resources: [[{ kind: "any" }]] }];

const ORIGIN = "http://127.0.0.1:8899";
const SESSION_TOKEN = "tok/+=";

export const CAPTURES: readonly RawRequest[] = captures.map(({ line, headers, body }) => {
  const [method = "", target = ""] = line.split(" ");
  return { method, target, headers: headers.map(([name = "", value = ""]) => [name, value]), body };
});

export const PRESIGNED: readonly RawRequest[] = presigned.map(({ method, url }) => ({
  method,
  target: url.slice(ORIGIN.length),
  headers: [["host", "127.0.0.1:8899"]],
  body: "",
}));

/** The request as the Worker gets it. Throws where the runtime would not even deliver it. */
export function toReceived({ method, target, headers, body }: RawRequest): ReceivedRequest {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  const url = new URL(ORIGIN + target);
  const request = new Request(url, {
    method,
    headers: new Headers(pairs),
    ...(body !== "" && { body: bytes(body) }),
  });
  return { request, url, body: bytes(body) };
}

/** When a request was signed, in milliseconds since 1970. */
export function signedAt({ target, headers }: RawRequest): number {
  const date =
    headers.find(([name]) => name.toLowerCase() === "x-amz-date")?.[1] ?? /X-Amz-Date=(\w+)/.exec(target)?.[1];
  return Date.parse(`${date}`.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** The one key that signed them all. Whether a request came with a session token says whether the key has one. */
export function signers(request: RawRequest, changes: object = {}, localMode = false): Principals {
  const isTemporary = /x-amz-security-token/i.test(request.target + request.headers.map(([name]) => name));
  const session = isTemporary ? { sessionToken: SESSION_TOKEN } : {};
  const caller = { kind: "caller", principal: "SDK", policy: ALLOW_ALL, claims: new Map() } as const;
  const credential = { caller, secretAccessKey: "s", ...session, ...changes };
  return {
    isEmpty: false,
    lookUp: async (accessKeyId) => (accessKeyId === "AKIDEXAMPLE" ? credential : undefined),
    issuers: [],
    sessionSecrets: [],
    signingRegions: [],
    localMode,
  };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
