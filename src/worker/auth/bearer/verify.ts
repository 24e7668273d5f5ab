import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  type ProtectedHeaderParameters,
} from "jose";
import type { Caller } from "../../model/caller.ts";
import type { Failure, TokenFault, TokenRefused } from "../../model/failure.ts";
import type { Issuer } from "../principals.ts";
import { KeySetUnreachableError } from "./keys.ts";

/** How far an issuer's clock may be off. */
const SKEW_MAX_S = 60;

/** What callers wait before they try again while an issuer's keys can't be had; they are asked for no more often. */
const RETRY_AFTER_MS = 30 * 1_000;

/**
 * Whom a JSON Web Token speaks for, or which check it failed. Nothing in it is believed until its signature has been
 * verified: before that it only says by which of our issuers to verify it.
 */
export async function verifyToken(token: string, issuers: readonly Issuer[], now: number): Promise<Caller | Failure> {
  const parts = partsOf(token);
  if (parts === undefined) {
    return tokenRefused("NOT_A_JWT");
  }
  const { header, claims } = parts;
  const known = issuers.filter(({ issuer }) => issuer === claims.iss);
  if (known.length === 0) {
    return tokenRefused("UNKNOWN_ISSUER", valuesOf(issuers, "issuer"));
  }
  // One issuer may be configured several times, for several audiences. A token for none of them is verified all the
  // same, because its audience is not spoken of before its signature holds.
  const meant = known.find(({ audience }) => [claims.aud].flat().includes(audience));
  const candidates = meant === undefined ? known : [meant];
  // The algorithm is the issuer's and never the token's choice, before any key is looked for.
  const allowed = candidates.filter(({ algorithm }) => algorithm === header.alg);
  if (allowed.length === 0) {
    return tokenRefused("WRONG_ALGORITHM", valuesOf(candidates, "algorithm"));
  }
  try {
    return await verifyByAny(allowed, token, header, now);
  } catch (error) {
    return failureOf(error, known);
  }
}

export function tokenRefused(fault: TokenFault, configured?: readonly string[]): TokenRefused {
  const refused = { kind: "unauthenticated", reason: "TOKEN_REFUSED", fault } as const;
  return configured === undefined ? refused : { ...refused, localOnly: configured };
}

/** Whether a text is three parts in base64url, as a JWT is and no value of an Authorization header. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

function valuesOf(issuers: readonly Issuer[], member: "issuer" | "audience" | "algorithm"): readonly string[] {
  return [...new Set(issuers.map((issuer) => issuer[member]))];
}

/** Undefined where they can't be read. A header that can't, jose tells by a TypeError and not by an error of its own. */
function partsOf(token: string): { header: ProtectedHeaderParameters; claims: JWTPayload } | undefined {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

/** Throws one of jose's errors where the signature is right and a claim is not. */
async function verifyByAny(
  issuers: readonly Issuer[],
  token: string,
  header: ProtectedHeaderParameters,
  now: number,
): Promise<Caller | Failure> {
  let fault: TokenFault = "UNKNOWN_KEY";
  for (const issuer of issuers) {
    for (const key of await issuer.keys({ ...header, alg: issuer.algorithm }, now)) {
      try {
        return callerOf(issuer, (await jwtVerify(token, key, demandsOf(issuer, now))).payload);
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
          throw error;
        }
        fault = "WRONG_SIGNATURE";
      }
    }
  }
  return tokenRefused(fault);
}

function demandsOf({ issuer, audience, algorithm }: Issuer, now: number): JWTVerifyOptions {
  return {
    ...{ issuer, audience, algorithms: [algorithm], requiredClaims: ["exp"] },
    ...{ clockTolerance: SKEW_MAX_S, currentDate: new Date(now) },
  };
}

function failureOf(error: unknown, issuers: readonly Issuer[]): Failure {
  if (error instanceof KeySetUnreachableError) {
    return { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS };
  }
  if (error instanceof errors.JWTExpired) {
    return { kind: "unauthenticated", reason: "TOKEN_EXPIRED" };
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.reason !== "invalid") {
    switch (error.claim) {
      case "aud":
        return tokenRefused("WRONG_AUDIENCE", valuesOf(issuers, "audience"));
      case "exp":
        return tokenRefused("NO_EXPIRY");
      case "nbf":
        return tokenRefused("NOT_YET_VALID");
    }
  }
  if (error instanceof errors.JOSEError) {
    return tokenRefused("NOT_A_JWT");
  }
  throw error;
}

function callerOf({ principal, policy }: Issuer, payload: JWTPayload): Caller {
  const texts = Object.entries(payload).filter((claim): claim is [string, string] => typeof claim[1] === "string");
  return { kind: "caller", principal, policy, claims: new Map(texts) };
}
