import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/**
 * The token of the page that goes on after an endpoint: the endpoint's id and a seal on it, in base64url.
 *
 * The seal is keyed by what only the user's object knows, so a token says by itself that it was issued, and for whom.
 * To look for its endpoint instead would refuse a token whose endpoint was purged meanwhile. The seal keeps mistakes
 * out, not attackers: who may list a user may as well start anywhere.
 */
export function pageToken(endpointId: string, userKey: string): string {
  const seal = createHmac("sha256", userKey).update(endpointId).digest("base64url");
  return Buffer.from(`${endpointId}.${seal}`).toString("base64url");
}

/** The id of the endpoint that a page goes on after, or undefined if the token was not issued for this user. */
export function positionOf(token: string, userKey: string): string | undefined {
  const [endpointId = ""] = Buffer.from(token, "base64url").toString().split(".");
  // The whole is compared, for base64 can spell the same bytes in several ways, of which one was issued.
  return pageToken(endpointId, userKey) === token ? endpointId : undefined;
}
