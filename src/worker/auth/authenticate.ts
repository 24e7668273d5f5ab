import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";
import { looksLikeToken, tokenRefused, verifyToken } from "./bearer/verify.ts";
import type { Principals } from "./principals.ts";
import { isPresigned, malformed, parseHeader, parsePresigned } from "./sigv4/parse.ts";
import { parseQuery } from "./sigv4/query.ts";
import { verify } from "./sigv4/verify.ts";

/**
 * Who is calling: the principal whose access key signed the request, in its header or its query, or the bearer of a
 * token. `body` is what was read of the request, which a signature covers; `now` is in milliseconds since 1970.
 */
export async function authenticate(
  request: Request,
  body: Uint8Array,
  principals: Principals,
  now: number,
): Promise<Caller | Failure> {
  const outcome = await identify(request, body, principals, now);
  if (principals.localMode || !("localOnly" in outcome)) {
    return outcome;
  }
  const { localOnly: _, ...told } = outcome;
  return told;
}

async function identify(
  request: Request,
  body: Uint8Array,
  principals: Principals,
  now: number,
): Promise<Caller | Failure> {
  if (principals.isEmpty) {
    return { kind: "unauthenticated", reason: "NO_PRINCIPALS" };
  }
  const authorization = request.headers.get("authorization");
  const bearer = /^bearer(?: +(.+))?$/i.exec(authorization ?? "");
  const url = new URL(request.url);
  const query = parseQuery(url);
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
  const { headers } = request;
  const signature = authorization === null ? parsePresigned(query, headers) : parseHeader(authorization, headers);
  return "kind" in signature ? signature : verify({ request, url, query, body }, signature, principals, now);
}
