import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";
import { looksLikeToken, tokenRefused, verifyToken } from "./bearer/verify.ts";
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
  const outcome = await identify(received, principals, now);
  if (principals.localMode || !("localOnly" in outcome)) {
    return outcome;
  }
  const { localOnly: _, ...told } = outcome;
  return told;
}

async function identify(received: ReceivedRequest, principals: Principals, now: number): Promise<Caller | Failure> {
  if (principals.isEmpty) {
    return { kind: "unauthenticated", reason: "NO_PRINCIPALS" };
  }
  const { headers } = received.request;
  const authorization = headers.get("authorization");
  const bearer = /^bearer(?: +(.+))?$/i.exec(authorization ?? "");
  const query = parseQuery(received.url);
  const inQuery = query !== undefined && isPresigned(query);
  if (authorization !== null && inQuery) {
    return { kind: "unauthenticated", reason: "CREDENTIALS_AMBIGUOUS" };
  }
  if (bearer !== null) {
    return verifyToken(bearer[1] ?? "", principals.issuers, now);
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
