import type { SignatureFault, UntimelySignature } from "../../model/failure.ts";

/**
 * What is wrong with a signature, in AWS's own words where it has some, less what those repeat of the request. They are
 * the words that people search for.
 */
export const SIGNATURE_FAULTS: Readonly<Record<SignatureFault, string>> = {
  UNSUPPORTED_ALGORITHM: "Unsupported AWS 'algorithm'. Sign with AWS4-HMAC-SHA256, or send a Bearer token.",
  INCOMPLETE_HEADER:
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
    "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of an " +
    "'X-Amz-Date' header. Each must be there once.",
  INCOMPLETE_QUERY:
    "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', " +
    "'X-Amz-SignedHeaders' and 'X-Amz-Date', each once. Re-examine the query-string parameters.",
  HOST_NOT_SIGNED: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  HEADER_NOT_SIGNED: "Every 'X-Amz-*' header that is sent must be a 'SignedHeader' in the AWS Authorization.",
  SIGNED_HEADER_ABSENT: "A 'SignedHeader' of the AWS Authorization is not among the headers that arrived.",
  BAD_QUERY: "The query is not percent-encoded UTF-8, so its signature can't be checked.",
  BAD_DATE: "Date must be in ISO-8601 'basic format', as in 20260131T235959Z.",
  BAD_CREDENTIAL:
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, and 'aws4_request' is the last.",
  BAD_REGION: "Credential should be scoped to a valid region.",
  WRONG_SERVICE: "Credential should be scoped to correct service: 'chime'.",
  DATES_DIFFER: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
  BAD_SIGNATURE: "The signature must be 64 hexadecimal digits in lower case.",
  BAD_LIFETIME: "X-Amz-Expires must be there once, a number of seconds from 1 to 604800.",
  PAYLOAD_HASH_DIFFERS:
    "The header 'X-Amz-Content-SHA256' is not the SHA-256 of the body. Unsigned and streaming payloads are not supported.",
};

/** Word for word what AWS says: the SDK for JavaScript sets its clock by "Signature expired". */
export function explainUntimely(untimely: UntimelySignature): string {
  if (untimely.reason === "SESSION_EXPIRED") {
    return "The security token included in the request is expired";
  }
  const { reason, signedAt, now, toleranceMs } = untimely;
  const tolerance = toleranceMs % 60_000 === 0 ? `${toleranceMs / 60_000} min.` : `${toleranceMs / 1_000} s.`;
  return reason === "SIGNATURE_EXPIRED"
    ? `Signature expired: ${basic(signedAt)} is now earlier than ${basic(now - toleranceMs)} (${basic(now)} - ${tolerance})`
    : `Signature not yet current: ${basic(signedAt)} is still later than ${basic(now + toleranceMs)} (${basic(now)} + ${tolerance})`;
}

/** ISO 8601's basic format to the second: "20261123T063746Z". */
function basic(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, "");
}
