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
import { COLD_REST_MS, KeySetUnreachableError } from "./keys.ts";

/** How far an issuer's clock may be off. */
const SKEW_MAX_S = 60;

/** Who bears a token that is good. */
export interface Bearer {
  readonly kind: "bearer";
  readonly issuer: Issuer;
  /** What the token says of its subject, its members that are text. */
  readonly claims: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export function callerOf({ issuer: { principal, policy }, claims }: Bearer): Caller {
  return { kind: "caller", principal, policy, claims };
}

/**
 * Whom a JSON Web Token speaks for, or which check it failed. Nothing in it is believed until its signature has been
 * verified: before that it only says by which of our issuers to verify it.
 */
export async function verifyToken(token: string, issuers: readonly Issuer[], now: number): Promise<Bearer | Failure> {
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
  const meant = known.filter((issuer) => isMeantFor(issuer, claims));
  const candidates = meant.length > 0 ? meant : known;
  // The algorithm is the issuer's and never the token's choice, before any key is looked for.
  const allowed = candidates.filter(({ algorithms }) => algorithms.some((algorithm) => algorithm === header.alg));
  if (allowed.length === 0) {
    return tokenRefused("WRONG_ALGORITHM", valuesOf(candidates, "algorithms"));
  }
  try {
    return await verifyByAny(allowed, token, header, now);
  } catch (error) {
    return failureOf(error);
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

function valuesOf(issuers: readonly Issuer[], member: "issuer" | "audience" | "algorithms"): readonly string[] {
  return [...new Set(issuers.flatMap((issuer) => issuer[member]))];
}

function isMeantFor({ audience, audienceClaim }: Issuer, claims: JWTPayload): boolean {
  return [claims[audienceClaim]].flat().includes(audience);
}

/** Undefined where they can't be read. A header that can't, jose tells by a TypeError and not by an error of its own. */
function partsOf(token: string): { header: ProtectedHeaderParameters; claims: JWTPayload } | undefined {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

/**
 * The one principal that a token speaks for. By one key set it may speak for several, if it is meant for the audiences of
 * several: none is chosen for it, least of all by the order of their names.
 */
async function verifyByAny(
  issuers: readonly Issuer[],
  token: string,
  header: ProtectedHeaderParameters,
  now: number,
): Promise<Bearer | Failure> {
  const bearers: Bearer[] = [];
  let refused = tokenRefused("UNKNOWN_KEY");
  for (const issuer of issuers) {
    const keys = await issuer.keys(header, now);
    const claims = await claimsSignedBy(keys, token, demandsOf(issuer, now));
    if (claims?.exp === Number.POSITIVE_INFINITY) {
      // JSON has no Infinity, but 1e400 is read as it.
      refused = tokenRefused("NO_EXPIRY");
    } else if (claims !== undefined && isMeantFor(issuer, claims)) {
      bearers.push(bearerOf(issuer, claims));
    } else if (claims !== undefined) {
      refused = tokenRefused("WRONG_AUDIENCE", valuesOf(issuers, "audience"));
    } else if (keys.length > 0 && refused.fault === "UNKNOWN_KEY") {
      refused = tokenRefused("WRONG_SIGNATURE");
    }
  }
  const [bearer = refused, ...more] = bearers;
  return more.length === 0 ? bearer : tokenRefused("SEVERAL_AUDIENCES", valuesOf(issuers, "audience"));
}

/** Undefined where none of the keys made the signature. Throws one of jose's errors where it is right and a claim is not. */
async function claimsSignedBy(
  keys: readonly CryptoKey[],
  token: string,
  demands: JWTVerifyOptions,
): Promise<JWTPayload | undefined> {
  for (const key of keys) {
    try {
      return (await jwtVerify(token, key, demands)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
        throw error;
      }
    }
  }
  return undefined;
}

function demandsOf({ issuer, algorithms }: Issuer, now: number): JWTVerifyOptions {
  return {
    ...{ issuer, algorithms: [...algorithms], requiredClaims: ["exp"] },
    ...{ clockTolerance: SKEW_MAX_S, currentDate: new Date(now) },
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof KeySetUnreachableError) {
    return { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: COLD_REST_MS };
  }
  if (error instanceof errors.JWTExpired) {
    return { kind: "unauthenticated", reason: "TOKEN_EXPIRED" };
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.reason !== "invalid") {
    switch (error.claim) {
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

function bearerOf(issuer: Issuer, payload: JWTPayload): Bearer {
  const texts = Object.entries(payload).filter((claim): claim is [string, string] => typeof claim[1] === "string");
  return { kind: "bearer", issuer, claims: new Map(texts), expiresAt: Number(payload.exp) * 1_000 };
}
