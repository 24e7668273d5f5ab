import type { Failure } from "../../model/failure.ts";
import { claimsIn } from "../../model/policy.ts";
import { type Bearer, tokenRefused } from "../bearer/verify.ts";
import { type Sealed, seal } from "./seal.ts";
import {
  CLAIM_MAX_LENGTH,
  SESSION_ID_PREFIX,
  SESSION_MAX_MS,
  SESSION_MIN_MS,
  SESSION_TOKEN_MAX_LENGTH,
} from "./session.ts";

/** Credentials as AWS SDKs hold them. */
export interface SessionCredentials extends Sealed {
  readonly kind: "ok";
  readonly accessKeyId: string;
  /** Milliseconds since 1970, a whole second. */
  readonly expiresAt: number;
}

/** Credentials that speak for the bearer of a token, for as long as that does and an hour at the most. */
export async function mint(bearer: Bearer, secret: string, now: number): Promise<SessionCredentials | Failure> {
  const { issuer: configured, claims, expiresAt: tokenExpiresAt } = bearer;
  // Without the minute that clocks may differ by: a session outlives no token.
  if (tokenExpiresAt - now < SESSION_MIN_MS) {
    return { kind: "unauthenticated", reason: "TOKEN_EXPIRED" };
  }
  const { principal, issuer, audience, audienceClaim, policy } = configured;
  const names = new Set(["sub", ...claimsIn(policy)]);
  const carried = Array.from(names, (name) => [name, claims.get(name) ?? null] as const);
  if (carried.some(([, value]) => value !== null && value.length > CLAIM_MAX_LENGTH)) {
    return tokenRefused("CLAIMS_TOO_LONG");
  }
  const accessKeyId = newAccessKeyId();
  const expiresAt = Math.floor(Math.min(tokenExpiresAt, now + SESSION_MAX_MS) / 1_000) * 1_000;
  const sealed = await seal(
    { accessKeyId, principal, issuer, audience, audienceClaim, claims: carried, expiresAt },
    secret,
  );
  return sealed.sessionToken.length > SESSION_TOKEN_MAX_LENGTH
    ? tokenRefused("CLAIMS_TOO_LONG")
    : { kind: "ok", accessKeyId, ...sealed, expiresAt };
}

/** The letters and digits that AWS's ids are made of. */
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const ID_LENGTH = 16;

function newAccessKeyId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_LENGTH));
  return SESSION_ID_PREFIX + Array.from(bytes, (byte) => BASE32[byte % BASE32.length]).join("");
}
