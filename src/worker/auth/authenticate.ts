import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";
import { type Bearer, callerOf, looksLikeToken, tokenRefused, verifyToken } from "./bearer/verify.ts";
import type { Principals } from "./principals.ts";
import { isPresigned, malformed, parseHeader, parsePresigned } from "./sigv4/parse.ts";
import { parseQuery } from "./sigv4/query.ts";
import { type ReceivedRequest, verify } from "./sigv4/verify.ts";

/**
 * Who is calling: the principal whose access key signed the request, in its header or its query, or the bearer of a
 * token. `now` is in milliseconds since 1970.
 */
export async function authenticate(
  received: ReceivedRequest,
  principals: Principals,
  now: number,
): Promise<Caller | Failure> {
  return told(await identify(received, principals, now), principals);
}

/**
 * Whom a token alone speaks for, for what no signature may ask: else a session could renew itself for ever. The token may
 * come without its scheme, because AWS SDKs send what they hold as it is.
 */
export async function authenticateBearer(
  authorization: string,
  principals: Principals,
  now: number,
): Promise<Bearer | Failure> {
  if (principals.isEmpty) {
    return NOBODY;
  }
  const token = looksLikeToken(authorization) ? authorization : bearerTokenIn(authorization);
  return token === undefined
    ? { kind: "unauthenticated", reason: "TOKEN_REQUIRED" }
    : told(await verifyToken(token, principals.issuers, now), principals);
}

/** Without what is told in local mode only. */
function told<Outcome extends Caller | Bearer>(
  outcome: Outcome | Failure,
  { localMode }: Principals,
): Outcome | Failure {
  if (localMode || !("localOnly" in outcome)) {
    return outcome;
  }
  const { localOnly: _, ...others } = outcome;
  return others;
}

const NOBODY = { kind: "unauthenticated", reason: "NO_PRINCIPALS" } as const;

/** What stands after the scheme Bearer; undefined where the scheme is another. */
function bearerTokenIn(authorization: string): string | undefined {
  const bearer = /^bearer(?: +(.+))?$/i.exec(authorization);
  return bearer === null ? undefined : (bearer[1] ?? "");
}

async function identify(received: ReceivedRequest, principals: Principals, now: number): Promise<Caller | Failure> {
  if (principals.isEmpty) {
    return NOBODY;
  }
  const { headers } = received.request;
  const authorization = headers.get("authorization");
  const token = bearerTokenIn(authorization ?? "");
  const query = parseQuery(received.url);
  const inQuery = query !== undefined && isPresigned(query);
  if (authorization !== null && inQuery) {
    return { kind: "unauthenticated", reason: "CREDENTIALS_AMBIGUOUS" };
  }
  if (token !== undefined) {
    const bearer = await verifyToken(token, principals.issuers, now);
    return bearer.kind === "bearer" ? callerOf(bearer) : bearer;
  }
  if (authorization === null && !inQuery) {
    return { kind: "unauthenticated", reason: "CREDENTIALS_MISSING" };
  }
  if (authorization !== null && looksLikeToken(authorization)) {
    return tokenRefused("NO_SCHEME");
  }
  if (query === undefined) {
    return malformed("BAD_QUERY");
  }
  const signature = authorization === null ? parsePresigned(query, headers) : parseHeader(authorization, headers);
  return "kind" in signature ? signature : verify({ ...received, query }, signature, principals, now);
}
