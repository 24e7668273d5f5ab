import { SignJWT } from "jose";
import type { PageSettings } from "../../worker/model/page-settings.ts";
import { bearer, type Credentials, NO_CREDENTIALS } from "./api/credentials.ts";

/** Whom the caller is in calls about this user: who the token says; in local mode without one, the user. */
export async function callerOf(arn: string, token: string, settings: PageSettings): Promise<Credentials> {
  const { localTokens, localAccessKey } = settings;
  if (token !== "") {
    return bearer(token, localAccessKey);
  }
  const user = userOf(arn);
  return localTokens && user && canSign()
    ? bearer(await localToken(localTokens, user), localAccessKey)
    : NO_CREDENTIALS;
}

type LocalTokens = NonNullable<PageSettings["localTokens"]>;

/** Whether this page may sign: browsers keep their cryptography from pages of plain http that are not of this machine. */
export function canSign(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** A token that local mode takes: for one user, the end of an ARN, and as long as given: "1 day", or "1 hour ago". */
export function localToken({ issuer, audience, secret }: LocalTokens, user: string, expiry = "1 day"): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(user)
    .setExpirationTime(expiry)
    .sign(new TextEncoder().encode(secret));
}

/** Whom a local token for an ARN must be made for: "alice" of "…/user/alice". */
export function userOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
