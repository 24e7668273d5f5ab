/**
 * Finds AWS Signature Version 4 in a request, in its Authorization header or in its query (a presigned URL), and checks
 * everything about it that needs no secret.
 *
 * Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html; the order of the checks
 * is the one that AWS's own services were found to have (dacut/scratchstack-aws-signature). Knowingly different: a
 * parameter that stands twice is refused, where AWS picks one of them; a Date in place of X-Amz-Date must be signed.
 */
import type { MalformedSignature, SignatureFault } from "../../model/failure.ts";
import { has, onlyValue, type Parameter } from "./query.ts";

/** The service that SDKs sign for: the signing name in the model of chime-sdk-identity. */
const SERVICE = "chime";

/** The only algorithm; AWS4-ECDSA-P256-SHA256 is for services that many regions share, which this one is not. */
export const ALGORITHM = "AWS4-HMAC-SHA256";

const TERMINATOR = "aws4_request";

/** A week. Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html */
const PRESIGNED_MAX_S = 604_800;

const EXPIRES = "X-Amz-Expires";

/** What a signature is good for: "20261123", "us-east-1", "chime", "aws4_request". */
export type Scope = readonly [date: string, region: string, service: string, terminator: string];

/** What a request says of its own signature. */
export interface Signature {
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** As in X-Amz-Date: "20261123T063746Z". */
  readonly timestamp: string;
  /** The same in milliseconds since 1970. */
  readonly signedAt: number;
  /** How long a presigned URL is good for, in milliseconds, where it says so: else as long as any signature. */
  readonly lifetimeMs?: number;
  /** Names of headers in lower case, as they were signed. */
  readonly signedHeaders: readonly string[];
  readonly sessionToken?: string;
  readonly bytes: Uint8Array;
}

/** The texts that a signature consists of, wherever they stand. */
type Sent = Record<"credential" | "signedHeaders" | "signature" | "timestamp" | "sessionToken", string | undefined>;

/** Reads the signature in an Authorization header. */
export function parseHeader(authorization: string, headers: Headers): Signature | MalformedSignature {
  const [, algorithm, parameters = ""] = /^(\S+) (.*)$/.exec(authorization) ?? [];
  if (algorithm !== ALGORITHM) {
    return malformed(authorization.startsWith("AWS") ? "UNSUPPORTED_ALGORITHM" : "UNKNOWN_SCHEME");
  }
  const named = parameters.split(/, */).map((parameter): Parameter => {
    const [name = "", ...value] = parameter.split("=");
    return [name, value.join("=")];
  });
  const sent = {
    credential: onlyValue(named, "Credential"),
    signedHeaders: onlyValue(named, "SignedHeaders"),
    signature: onlyValue(named, "Signature"),
    timestamp: headers.get("x-amz-date") ?? signedDate(named, headers),
    sessionToken: headers.get("x-amz-security-token") ?? undefined,
  };
  return named.length === 3 ? check(sent, "INCOMPLETE_HEADER", headers) : malformed("INCOMPLETE_HEADER");
}

/** Date stands in for X-Amz-Date where it is signed: proxies and HTTP libraries write one of their own. */
function signedDate(named: readonly Parameter[], headers: Headers): string | undefined {
  const signed = onlyValue(named, "SignedHeaders")?.split(";").includes("date");
  return signed ? (headers.get("date") ?? undefined) : undefined;
}

/** Whether a query holds a signature, or part of one. */
export function isPresigned(query: readonly Parameter[]): boolean {
  return has(query, "X-Amz-Algorithm") || has(query, "X-Amz-Signature");
}

/** Reads the signature in the query of a presigned URL. */
export function parsePresigned(query: readonly Parameter[], headers: Headers): Signature | MalformedSignature {
  if (onlyValue(query, "X-Amz-Algorithm") !== ALGORITHM) {
    return malformed("UNSUPPORTED_ALGORITHM");
  }
  const sent = {
    credential: onlyValue(query, "X-Amz-Credential"),
    signedHeaders: onlyValue(query, "X-Amz-SignedHeaders"),
    signature: onlyValue(query, "X-Amz-Signature"),
    timestamp: onlyValue(query, "X-Amz-Date"),
    sessionToken: onlyValue(query, "X-Amz-Security-Token"),
  };
  // S3's alone: AWS lists no such parameter for other services, so common signers leave it out.
  const expires = has(query, EXPIRES) ? (onlyValue(query, EXPIRES) ?? "") : undefined;
  if (expires !== undefined && !isLifetime(expires)) {
    return malformed("BAD_LIFETIME");
  }
  const signature = check(sent, "INCOMPLETE_QUERY", headers);
  return "kind" in signature || expires === undefined
    ? signature
    : { ...signature, lifetimeMs: Number(expires) * 1_000 };
}

function isLifetime(seconds: string): boolean {
  return /^\d{1,6}$/.test(seconds) && Number(seconds) >= 1 && Number(seconds) <= PRESIGNED_MAX_S;
}

export function malformed(fault: SignatureFault): MalformedSignature {
  return { kind: "unauthenticated", reason: "SIGNATURE_MALFORMED", fault };
}

function check(
  { credential, signedHeaders, signature, timestamp, sessionToken }: Sent,
  incomplete: SignatureFault,
  headers: Headers,
): Signature | MalformedSignature {
  if (!credential || !signedHeaders || !signature || !timestamp) {
    return malformed(incomplete);
  }
  const names = signedHeaders.split(";");
  if (!names.every((name) => /^[a-z0-9._-]+$/.test(name))) {
    return malformed("SIGNED_HEADER_ABSENT");
  }
  const distinct = new Set(names);
  // Each name stands for its header's value in the text that is signed, which so grows no longer than the headers are.
  if (distinct.size < names.length) {
    return malformed("SIGNED_HEADER_TWICE");
  }
  if (!distinct.has("host")) {
    return malformed("HOST_NOT_SIGNED");
  }
  if (isAnyUnsigned(headers, distinct)) {
    return malformed("HEADER_NOT_SIGNED");
  }
  const signedAt = millisecondsOf(timestamp);
  if (signedAt === undefined) {
    return malformed("BAD_DATE");
  }
  const parsed = parseCredential(credential, timestamp);
  if (typeof parsed === "string") {
    return malformed(parsed);
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) {
    return malformed("BAD_SIGNATURE");
  }
  const signed = { ...parsed, timestamp, signedAt, signedHeaders: names, bytes: Uint8Array.fromHex(signature) };
  return sessionToken === undefined ? signed : { ...signed, sessionToken };
}

/** Reads "AKIDEXAMPLE/20261123/us-east-1/chime/aws4_request". */
function parseCredential(
  credential: string,
  timestamp: string,
): Pick<Signature, "accessKeyId" | "scope"> | SignatureFault {
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split("/");
  if (!accessKeyId || !date || !region || terminator !== TERMINATOR || more.length > 0) {
    return "BAD_CREDENTIAL";
  }
  if (!/^[a-z0-9-]{1,63}$/.test(region)) {
    return "BAD_REGION";
  }
  if (service !== SERVICE) {
    return "WRONG_SERVICE";
  }
  return timestamp.startsWith(`${date}T`)
    ? { accessKeyId, scope: [date, region, service, terminator] }
    : "DATES_DIFFER";
}

/** Headers by which AWS changes what a request means must not be added to a signed one. */
function isAnyUnsigned(headers: Headers, signed: ReadonlySet<string>): boolean {
  return [...headers.keys()].some((name) => name.startsWith("x-amz-") && !signed.has(name));
}

/** Reads "20261123T063746Z". */
function millisecondsOf(timestamp: string): number | undefined {
  const [year = Number.NaN, month = 0, day, ...time] = TIMESTAMP.exec(timestamp)?.slice(1).map(Number) ?? [];
  const milliseconds = Date.UTC(year, month - 1, day, ...time);
  // A day that there is not, such as 30 February, is taken for one after it.
  return new Date(milliseconds).getUTCDate() === day ? milliseconds : undefined;
}

const TIMESTAMP = /^(\d{4})(0[1-9]|1[0-2])(\d\d)T([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/;
