import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type ProtectedHeaderParameters,
} from "jose";
import type { Caller } from "../../model/caller.ts";
import type { Failure } from "../../model/failure.ts";
import type { Issuer } from "../principals.ts";
import { KeySetUnreachableError } from "./keys.ts";

/** How far an issuer's clock may be off. */
const SKEW_MAX_S = 60;

/** What callers wait before they try again while an issuer's keys can't be had; they are asked for no more often. */
const RETRY_AFTER_MS = 30 * 1_000;

/** Whom a JSON Web Token speaks for, or why it is not believed. Nothing in it is until its signature has been verified. */
export async function verifyToken(token: string, issuers: readonly Issuer[], now: number): Promise<Caller | Failure> {
  try {
    const issuer = issuerOf(token, issuers);
    const payload = issuer && (await verifyBy(issuer, token, now));
    return payload === undefined ? REFUSED : callerOf(issuer as Issuer, payload);
  } catch (error) {
    if (error instanceof KeySetUnreachableError) {
      return { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS };
    }
    if (error instanceof errors.JWTExpired) {
      return { kind: "unauthenticated", reason: "TOKEN_EXPIRED" };
    }
    if (error instanceof errors.JOSEError) {
      return REFUSED;
    }
    throw error;
  }
}

const REFUSED: Failure = { kind: "unauthenticated", reason: "TOKEN_REFUSED" };

/** One issuer may be configured several times, for several audiences. */
function issuerOf(token: string, issuers: readonly Issuer[]): Issuer | undefined {
  const { iss, aud } = decodeJwt(token);
  const audiences = [aud].flat();
  return issuers.find(({ issuer, audience }) => issuer === iss && audiences.includes(audience));
}

/** The algorithm is the issuer's and never the token's choice, before any key is looked for. */
async function verifyBy(
  { issuer, audience, algorithm, keys }: Issuer,
  token: string,
  now: number,
): Promise<JWTPayload | undefined> {
  const header = protectedHeader(token);
  if (header?.alg !== algorithm) {
    return undefined;
  }
  const expected = {
    ...{ issuer, audience, algorithms: [algorithm], requiredClaims: ["exp"] },
    ...{ clockTolerance: SKEW_MAX_S, currentDate: new Date(now) },
  };
  for (const key of await keys({ ...header, alg: algorithm }, now)) {
    try {
      return (await jwtVerify(token, key, expected)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
        throw error;
      }
    }
  }
  return undefined;
}

/** Undefined where it can't be read, which jose tells by a TypeError and not by an error of its own. */
function protectedHeader(token: string): ProtectedHeaderParameters | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

function callerOf({ principal, policy }: Issuer, payload: JWTPayload): Caller {
  const texts = Object.entries(payload).filter((claim): claim is [string, string] => typeof claim[1] === "string");
  return { kind: "caller", principal, policy, claims: new Map(texts) };
}
