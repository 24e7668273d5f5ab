import { SKEW_MAX_MS } from "../../auth/sigv4/verify.ts";
import { explainSignature, explainToken, explainUntimely, SIGNATURE_FAULTS } from "./explain-credentials.ts";
import { RETRY_AFTER_MS, type Refusals } from "./refusal.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const UNTIMELY = { now: NOW, toleranceMs: SKEW_MAX_MS };

/** Of who calls. */
export const OF_CREDENTIALS = {
  NO_PRINCIPALS: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "NO_PRINCIPALS" },
    explain: () =>
      "No caller is known to this server. Configure principals, or start it with `npm start` for local mode and its well-known credentials.",
  },
  CREDENTIALS_MISSING: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "CREDENTIALS_MISSING" },
    explain: () =>
      "The request has no credentials: sign it with an access key (SigV4, service 'chime'), or send a Bearer token.",
  },
  CREDENTIALS_AMBIGUOUS: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "CREDENTIALS_AMBIGUOUS" },
    explain: () => "The request has credentials in its query and in its Authorization header: send one of them.",
  },
  TOKEN_REQUIRED: {
    by: "worker",
    operations: "credentials",
    example: { kind: "unauthenticated", reason: "TOKEN_REQUIRED" },
    explain: () =>
      "Credentials are given to the bearer of a token, and to no access key, session or presigned URL: send the token of a configured issuer in the Authorization header.",
  },
  SIGNATURE_MALFORMED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "SIGNATURE_MALFORMED", fault: "HOST_NOT_SIGNED" },
    explain: ({ fault }) => SIGNATURE_FAULTS[fault],
  },
  SIGNATURE_EXPIRED: {
    by: "worker",
    example: { kind: "signature", reason: "SIGNATURE_EXPIRED", signedAt: NOW - 2 * SKEW_MAX_MS, ...UNTIMELY },
    explain: explainUntimely,
  },
  SIGNATURE_NOT_YET_CURRENT: {
    by: "worker",
    example: { kind: "signature", reason: "SIGNATURE_NOT_YET_CURRENT", signedAt: NOW + 2 * SKEW_MAX_MS, ...UNTIMELY },
    explain: explainUntimely,
  },
  SIGNATURE_REFUSED: {
    by: "worker",
    example: {
      kind: "unauthenticated",
      reason: "SIGNATURE_REFUSED",
      fault: "WRONG_SIGNATURE",
      host: "rollcall.example.com",
    },
    explain: explainSignature,
  },
  SESSION_TOKEN_REFUSED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "SESSION_TOKEN_REFUSED", fault: "WRONG_SESSION_TOKEN" },
    explain: () =>
      "The session token is refused. If the access key came without one, send none: unset AWS_SESSION_TOKEN, or sessionToken in the client's credentials. If it came with this one, get new credentials.",
  },
  SESSION_EXPIRED: {
    by: "worker",
    example: { kind: "signature", reason: "SESSION_EXPIRED" },
    explain: explainUntimely,
  },
  TOKEN_REFUSED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "TOKEN_REFUSED", fault: "WRONG_AUDIENCE" },
    explain: explainToken,
  },
  TOKEN_EXPIRED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "TOKEN_EXPIRED" },
    explain: () =>
      "The Bearer token has expired, or has less than a minute left for a session. Get a new one from its issuer.",
  },
  ISSUER_UNREACHABLE: {
    by: "worker",
    example: { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `The keys of the token's issuer can't be fetched at the moment. Try again in ${retryAfterMs} ms.`,
  },
} satisfies Partial<Refusals>;
