import type { KeyRefused, SignatureFault, TokenFault, TokenRefused, UntimelySignature } from "../../model/failure.ts";

/**
 * What is wrong with a signature, in AWS's own words where it has some, less what those repeat of the request. They are
 * the words that people search for.
 */
export const SIGNATURE_FAULTS: Readonly<Record<SignatureFault, string>> = {
  UNKNOWN_SCHEME:
    "The Authorization header has none of the schemes that there are: 'AWS4-HMAC-SHA256' for a signature (SigV4), and 'Bearer' for a token.",
  UNSUPPORTED_ALGORITHM: "Unsupported AWS 'algorithm'. Sign with AWS4-HMAC-SHA256, or send a Bearer token.",
  INCOMPLETE_HEADER:
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
    "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of an " +
    "'X-Amz-Date' or a signed 'Date' header. Each must be there once.",
  INCOMPLETE_QUERY:
    "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', " +
    "'X-Amz-SignedHeaders' and 'X-Amz-Date', each once. Re-examine the query-string parameters.",
  HOST_NOT_SIGNED: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  HEADER_NOT_SIGNED: "Every 'X-Amz-*' header that is sent must be a 'SignedHeader' in the AWS Authorization.",
  SIGNED_HEADER_ABSENT: "A 'SignedHeader' of the AWS Authorization is not among the headers that arrived.",
  SIGNED_HEADER_TWICE: "A 'SignedHeader' of the AWS Authorization must be named once.",
  BAD_QUERY: "The query is not percent-encoded UTF-8, so its signature can't be checked.",
  BAD_DATE: "Date must be in ISO-8601 'basic format', as in 20260131T235959Z.",
  BAD_CREDENTIAL:
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, and 'aws4_request' is the last.",
  BAD_REGION: "Credential should be scoped to a valid region.",
  WRONG_SERVICE: "Credential should be scoped to correct service: 'chime'.",
  DATES_DIFFER: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
  BAD_SIGNATURE: "The signature must be 64 hexadecimal digits in lower case.",
  BAD_LIFETIME: "X-Amz-Expires must be a number of seconds from 1 to 604800, and there once if at all.",
  PAYLOAD_HASH_DIFFERS:
    "The header 'X-Amz-Content-SHA256' is not the SHA-256 of the body. Unsigned and streaming payloads are not supported.",
};

/**
 * What is wrong with a token. The message may say whatever its sender can know: what the token itself says, and once its
 * signature holds, that it is meant for others. See model/failure.
 */
export const TOKEN_FAULTS: Readonly<Record<TokenFault, string>> = {
  NO_SCHEME: "The Authorization header holds a token and no scheme. Did you forget 'Bearer ' in front of it?",
  NOT_A_JWT:
    "The Bearer token is no signed JWT: that has three parts, separated by dots, and the first two are JSON objects in base64url.",
  UNKNOWN_ISSUER:
    "The Bearer token is by an issuer ('iss') that is not known here. Every character counts, as a slash at the end.",
  WRONG_ALGORITHM: "The Bearer token is signed with an algorithm ('alg') that is not taken from its issuer here.",
  UNKNOWN_KEY: "The Bearer token is signed with a key ('kid', 'alg') that its issuer does not publish.",
  WRONG_SIGNATURE: "The Bearer token's signature was not made with a key of its issuer's, or the token was changed.",
  NO_EXPIRY: "The Bearer token never expires. It must have an expiry ('exp').",
  NOT_YET_VALID: "The Bearer token is not valid yet ('nbf'). Check its issuer's clock.",
  WRONG_AUDIENCE: "The Bearer token is its issuer's own, but not meant for this audience ('aud').",
  SEVERAL_AUDIENCES:
    "The Bearer token is meant for the audiences of several callers that are configured here. Get one that is meant for one of them.",
  CLAIMS_TOO_LONG: "The claims of the Bearer token that a session must carry are too long for one.",
};

export function explainToken({ fault, localOnly }: TokenRefused): string {
  const text = TOKEN_FAULTS[fault];
  return localOnly === undefined ? text : `${text} This server takes ${localOnly.map((one) => `'${one}'`).join(", ")}.`;
}

/**
 * Without what local mode adds it is one text, whether the key is known or not. What local mode adds is how AWS tells
 * it, so that it can be compared line by line with what the signer made.
 */
export function explainSignature({ fault, host, localOnly }: KeyRefused & { reason: "SIGNATURE_REFUSED" }): string {
  const text =
    "The access key is not known here, or did not make this signature of this request. Check access key id and secret, and that nothing on the way changes the request. " +
    `It arrived here for the host '${host}'. If that is not the host of your URL, a proxy changed it: nginx keeps it with \`proxy_set_header Host $http_host;\`, and the path with a \`proxy_pass\` that ends after the port.`;
  if (localOnly === undefined) {
    return text;
  }
  return [
    text,
    KEY_FAULTS[fault],
    `The Canonical String for this request should have been\n'${localOnly.canonicalRequest}'`,
    `The String-to-Sign should have been\n'${localOnly.stringToSign}'`,
  ].join("\n\n");
}

const KEY_FAULTS = {
  UNKNOWN_KEY: "No access key has this id.",
  WRONG_SIGNATURE: "The access key is known, and its secret makes another signature.",
  NO_SESSION_TOKEN: "The signature is right, but the access key is good only together with its session token.",
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
