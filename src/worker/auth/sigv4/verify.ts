import type { Caller } from "../../model/caller.ts";
import type { Failure } from "../../model/failure.ts";
import type { Credential, Principals } from "../principals.ts";
import { sentHeader } from "../sent-header.ts";
import { canonicalRequest, type SignedParts, withoutSecrets } from "./canonical-request.ts";
import { ALGORITHM, malformed, type Signature } from "./parse.ts";
import type { Parameter } from "./query.ts";
import { sha256Hex } from "./sha256.ts";
import { isSignedWith } from "./signing-key.ts";

/** How far a signer's clock may be off: AWS's own tolerance, and the one that its texts name. */
export const SKEW_MAX_MS = 15 * 60 * 1_000;

/** Stands in for the secret of a key that is not known, so that such a call does the work of any that is refused. */
const NO_SECRET = "no access key has this secret";

/** A request as it came, of which a signature covers all. */
export interface ReceivedRequest {
  readonly request: Request;
  /** The request's URL, parsed. */
  readonly url: URL;
  /** What was read of the body. */
  readonly body: Uint8Array;
}

interface SignedRequest extends ReceivedRequest {
  readonly query: readonly Parameter[];
}

/**
 * Who signed a request, or why that can't be told. Whether an access key is known shows in none of the reasons: it is
 * one for a wrong key and a wrong signature, and one for every session token that is not the key's own. Nor does it show
 * in the work: every refusal derives one key and verifies once. Which it was is the refusal's fault, for the log.
 */
export async function verify(
  signed: SignedRequest,
  signature: Signature,
  { lookUp, signingRegions }: Pick<Principals, "lookUp" | "signingRegions">,
  now: number,
): Promise<Caller | Failure> {
  if (signingRegions.length > 0 && !signingRegions.includes(signature.scope[1])) {
    return malformed("BAD_REGION");
  }
  const untimely = timeliness(signature, now);
  if (untimely !== undefined) {
    return untimely;
  }
  const parts = await signedParts(signed, signature);
  if ("kind" in parts) {
    return parts;
  }
  const text = await stringToSign(canonicalRequest(parts), signature);
  const credential = await lookUp(signature.accessKeyId, signature.sessionToken);
  const letsIn = credential !== undefined && signature.sessionToken === credential.sessionToken;
  // The keys of sessions are as many as users are, and would push out those that are configured.
  const mayKeep = letsIn && credential.expiresAt === undefined;
  const isRight = await isSignedWith(credential?.secretAccessKey ?? NO_SECRET, signature, text, mayKeep);
  if (isRight && letsIn) {
    return callerOf(credential, now);
  }
  if (signature.sessionToken !== undefined && signature.sessionToken !== credential?.sessionToken) {
    const fault = credential === undefined ? "UNKNOWN_KEY" : "WRONG_SESSION_TOKEN";
    return { kind: "unauthenticated", reason: "SESSION_TOKEN_REFUSED", fault };
  }
  return {
    ...{ kind: "unauthenticated", reason: "SIGNATURE_REFUSED", host: hostOf(signed) },
    fault: faultOf(credential, isRight),
    localOnly: { canonicalRequest: canonicalRequest(withoutSecrets(parts)), stringToSign: text },
  };
}

function faultOf(credential: Credential | undefined, isRight: boolean) {
  if (credential === undefined) {
    return "UNKNOWN_KEY";
  }
  return isRight ? "NO_SESSION_TOKEN" : "WRONG_SIGNATURE";
}

/** A signature is good for as long as clocks may differ, and a presigned URL for as long as it says. */
function timeliness({ signedAt, lifetimeMs = SKEW_MAX_MS }: Signature, now: number): Failure | undefined {
  if (signedAt < now - lifetimeMs) {
    return { kind: "signature", reason: "SIGNATURE_EXPIRED", signedAt, now, toleranceMs: lifetimeMs };
  }
  if (signedAt > now + SKEW_MAX_MS) {
    return { kind: "signature", reason: "SIGNATURE_NOT_YET_CURRENT", signedAt, now, toleranceMs: SKEW_MAX_MS };
  }
  return undefined;
}

/** The host as it arrived here, which a proxy may have changed. */
function hostOf({ request, url }: SignedRequest): string {
  return request.headers.get("host") ?? url.host;
}

/** What of a request its signature covers. */
async function signedParts(
  { request, url, query, body }: SignedRequest,
  { signedHeaders }: Signature,
): Promise<SignedParts | Failure> {
  const { method, headers } = request;
  const payloadHash = await sha256Hex(body);
  // UNSIGNED-PAYLOAD and STREAMING-… are S3's, and refused by this as well.
  if ((headers.get("x-amz-content-sha256") ?? payloadHash) !== payloadHash) {
    return malformed("PAYLOAD_HASH_DIFFERS");
  }
  // A proxy in front may have taken the body apart and dropped its length, which the JavaScript SDK signs.
  const ifAbsent = new Map([
    ["host", url.host],
    ["content-length", String(body.byteLength)],
  ]);
  const signed: Parameter[] = [];
  for (const name of signedHeaders) {
    const value = sentHeader(request, name) ?? ifAbsent.get(name);
    if (value === undefined) {
      return malformed("SIGNED_HEADER_ABSENT");
    }
    signed.push([name, value]);
  }
  return {
    method,
    rawPath: url.pathname,
    query: query.filter(([name]) => name !== "X-Amz-Signature"),
    headers: signed,
    payloadHash,
  };
}

const encoder = new TextEncoder();

/** The text that is signed: it covers the time, the scope, and the request. */
async function stringToSign(canonical: string, { timestamp, scope }: Signature): Promise<string> {
  return [ALGORITHM, timestamp, scope.join("/"), await sha256Hex(encoder.encode(canonical))].join("\n");
}

function callerOf({ caller, expiresAt }: Credential, now: number): Caller | Failure {
  return expiresAt !== undefined && expiresAt <= now ? { kind: "signature", reason: "SESSION_EXPIRED" } : caller;
}
