/**
 * Every way in which a call can be refused, as values that carry evidence: no HTTP status, no prose. Each protocol turns
 * them into its own errors in one switch (rest/errors, rpc/errors).
 *
 * `reason` is what callers may program against: it is stable, and stands in google.rpc.ErrorInfo on Connect.
 */
import type { DescField } from "@bufbuild/protobuf";

export type Failure =
  | UserFailure
  | Invalid
  | ConstraintsViolated
  | { readonly kind: "unauthenticated"; readonly reason: UnauthenticatedReason }
  | TokenRefused
  | KeyRefused
  | MalformedSignature
  | UntimelySignature
  | NotAuthorized
  | TurnedAway
  | Throttled
  | Unavailable
  | { readonly kind: "internal"; readonly reason: "INTERNAL" }
  | TooLarge
  | UnknownPath
  | { readonly kind: "wrong_method"; readonly reason: "METHOD_NOT_ALLOWED"; readonly allowed: readonly string[] }
  | UnsupportedMediaType
  /** gRPC-Web: no message, or more than the one that a call has. */
  | { readonly kind: "wrong_cardinality"; readonly reason: "MESSAGE_COUNT_WRONG" }
  /** gRPC-Web: the byte before a message says what there is not, such as a compression that no header names. */
  | { readonly kind: "wrong_framing"; readonly reason: "MESSAGE_FLAGS_WRONG" }
  | { readonly kind: "deadline_exceeded"; readonly reason: "DEADLINE_EXCEEDED" }
  /** The operation needs what the server is not configured with. */
  | { readonly kind: "not_configured"; readonly reason: "DIRECTORY_NOT_CONFIGURED" };

/** The policy does not allow the action on what the call is about. */
export interface NotAuthorized {
  readonly kind: "forbidden";
  readonly reason: "NOT_AUTHORIZED";
  readonly action: string;
  readonly on: "a user" | "one of several users" | "an app instance" | "the Directory";
}

/** What a user's object refuses; whatever else is refused is refused without it. */
export type UserFailure =
  /** The page token is not one that this user's endpoints were listed with. */
  | { readonly kind: "invalid"; readonly reason: "NEXT_TOKEN_INVALID" }
  | { readonly kind: "not_found"; readonly reason: "ENDPOINT_NOT_FOUND" }
  | { readonly kind: "conflict"; readonly reason: ConflictReason; readonly endpointId: string }
  | { readonly kind: "limit_exceeded"; readonly reason: "ENDPOINT_LIMIT_EXCEEDED"; readonly limit: number }
  | (Throttled & { readonly reason: "OPERATION_RATE_EXCEEDED" | "TOO_MANY_DEREGISTRATIONS" | "TOO_MANY_DEVICES" })
  | StorageFailure;

/** The rows can't be read or written. */
export type StorageFailure = Unavailable & { readonly reason: "STORAGE_FAILED" | "VERSION_MISMATCH" };

/** The request can't be read. */
export interface Invalid {
  readonly kind: "invalid";
  readonly reason: "UNREADABLE_REQUEST";
  /** What can't be read, as the caller spelled it: a member's name, or "the request body". Never a value. */
  readonly at: string;
  /** What should stand there: "a string". */
  readonly expected: string;
}

/** The request breaks constraints of the proto. */
export interface ConstraintsViolated {
  readonly kind: "invalid";
  readonly reason: "CONSTRAINTS_VIOLATED";
  /** In the order of the members: the first of them, where there are more than can be told. */
  readonly violations: readonly [Violation, ...Violation[]];
  /** How many there are in all. */
  readonly count: number;
}

/** A member of a message, on the way to a value. */
export interface Step {
  readonly member: DescField;
  /** Which item of a list, from 0. */
  readonly index?: number;
}

export interface Violation {
  /** From the request to the value: a member, and the members within it. */
  readonly path: readonly Step[];
  /** From buf.validate.FieldRules to the rule; empty where it is one of ours. */
  readonly rule: readonly DescField[];
  /** As protovalidate names it: "string.min_len". */
  readonly ruleId: string;
  /** What the rule asks for, in protovalidate's words. */
  readonly message: string;
}

export interface TooLarge {
  readonly kind: "too_large";
  readonly reason: "BODY_TOO_LARGE";
  readonly limitBytes: number;
}

/** The type of the body, or how it is compressed, is none that the protocol reads. */
export interface UnsupportedMediaType {
  readonly kind: "wrong_type" | "wrong_encoding";
  readonly reason: "UNSUPPORTED_MEDIA_TYPE";
  /** The types, or the encodings, that it does. */
  readonly supported: readonly string[];
}

/** Nothing of the request was looked at but what it calls this server, and which web page sent it. */
export interface TurnedAway {
  readonly kind: "turned_away";
  readonly reason: /** Local mode, and the Host is not one of this machine. */
    | "HOST_NOT_LOCAL"
    /** The Host is none of those that the server is configured to have. */
    | "HOST_NOT_SERVED"
    /** A web page sent it, of an origin that may not call. */
    | "ORIGIN_NOT_ALLOWED";
}

/** Nothing is at the path of the request. */
export interface UnknownPath {
  readonly kind: "unknown_operation";
  readonly reason: "UNKNOWN_OPERATION";
  /** The words of the path, in the place of all else a mark: it may be told. */
  readonly path: string;
  /** What would have been found but for one thing. */
  readonly mistake?: "SLASH_AT_END" | "NOT_AT_ROOT" | "PAGE_IS_OFF" | "SESSIONS_ARE_OFF";
}

export type UnauthenticatedReason =
  /** Nobody is configured, and local mode is off. */
  | "NO_PRINCIPALS"
  | "CREDENTIALS_MISSING"
  /** A signature in the query, and credentials in the Authorization header beside it. */
  | "CREDENTIALS_AMBIGUOUS"
  /** What is asked for takes a bearer token and nothing else. */
  | "TOKEN_REQUIRED"
  /** Or, where it is to become a session, is about to. */
  | "TOKEN_EXPIRED";

/** A bearer token that is not believed. */
export interface TokenRefused {
  readonly kind: "unauthenticated";
  readonly reason: "TOKEN_REFUSED";
  readonly fault: TokenFault;
  /** Told in local mode only: what is configured where the token says something else. */
  readonly localOnly?: readonly string[];
}

/**
 * Which check a token failed, in their order. Each may be told to whoever sent the token:
 *
 * - Before the signature holds, it is about what the sender wrote, and what is configured is not named. Trying can show
 *   that an issuer is known, and its algorithm; both are no secrets, since the issuer's own tokens and key set show them.
 * - Which audiences are configured is nowhere public, so the audience is spoken of only once the signature holds.
 */
export type TokenFault =
  /** A JWT where a scheme should stand. */
  | "NO_SCHEME"
  | "NOT_A_JWT"
  | "UNKNOWN_ISSUER"
  | "WRONG_ALGORITHM"
  | "UNKNOWN_KEY"
  | "WRONG_SIGNATURE"
  | "NO_EXPIRY"
  | "NOT_YET_VALID"
  | "WRONG_AUDIENCE"
  /** It speaks for more than one principal. */
  | "SEVERAL_AUDIENCES"
  /** They would make a session too large. */
  | "CLAIMS_TOO_LONG";

/**
 * An access key that is not known, or did not make this signature of this request, or has another session token. The
 * fault is for the log: it tells whether a key exists, which callers learn in local mode only.
 */
export type KeyRefused =
  | {
      readonly kind: "unauthenticated";
      readonly reason: "SIGNATURE_REFUSED";
      readonly fault: "UNKNOWN_KEY" | "WRONG_SIGNATURE" | "NO_SESSION_TOKEN";
      /** The host as it arrived here. A proxy that changes it breaks the signature. */
      readonly host: string;
      /** Told in local mode only: what should have been signed. Session tokens are left out. */
      readonly localOnly?: { readonly canonicalRequest: string; readonly stringToSign: string };
    }
  | {
      readonly kind: "unauthenticated";
      readonly reason: "SESSION_TOKEN_REFUSED";
      readonly fault: "UNKNOWN_KEY" | "WRONG_SESSION_TOKEN";
    };

/** A signature that can't be right, whatever the secret. */
export interface MalformedSignature {
  readonly kind: "unauthenticated";
  readonly reason: "SIGNATURE_MALFORMED";
  readonly fault: SignatureFault;
}

export type SignatureFault =
  /** Neither AWS's scheme nor Bearer. */
  | "UNKNOWN_SCHEME"
  | "UNSUPPORTED_ALGORITHM"
  | "INCOMPLETE_HEADER"
  | "INCOMPLETE_QUERY"
  | "HOST_NOT_SIGNED"
  /** An x-amz-* header. */
  | "HEADER_NOT_SIGNED"
  | "SIGNED_HEADER_ABSENT"
  | "SIGNED_HEADER_TWICE"
  | "BAD_QUERY"
  | "BAD_DATE"
  | "BAD_CREDENTIAL"
  | "BAD_REGION"
  | "WRONG_SERVICE"
  | "DATES_DIFFER"
  | "BAD_SIGNATURE"
  | "BAD_LIFETIME"
  | "PAYLOAD_HASH_DIFFERS";

/** Told apart from other failed authentication because AWS SDKs act on it: they set their clocks, or renew a session. */
export type UntimelySignature =
  | {
      readonly kind: "signature";
      readonly reason: "SIGNATURE_EXPIRED" | "SIGNATURE_NOT_YET_CURRENT";
      /** When it was made, and when it was checked, in milliseconds since 1970. */
      readonly signedAt: number;
      readonly now: number;
      /** How far the two may be apart, in milliseconds. */
      readonly toleranceMs: number;
    }
  | { readonly kind: "signature"; readonly reason: "SESSION_EXPIRED" };

export type ConflictReason =
  /** The request token made another endpoint, with other input. */
  | "REQUEST_TOKEN_REUSED"
  /** The endpoint that the request token made was deregistered since. */
  | "ENDPOINT_DEREGISTERED"
  /** The user has a live endpoint with this type, resource and device token. */
  | "DEVICE_ALREADY_REGISTERED";

export interface Throttled {
  readonly kind: "throttled";
  readonly reason: /** Too many calls of this operation for this user. */
    | "OPERATION_RATE_EXCEEDED"
    /** Too many calls by this caller, of whatever operations and for whatever users. */
    | "CALLER_RATE_EXCEEDED"
    /** The user has deregistered many endpoints in a day, and registered some in the last hour. */
    | "TOO_MANY_DEREGISTRATIONS"
    /** The user has named many devices in a day that were not theirs before. */
    | "TOO_MANY_DEVICES";
  /** How long to wait, in milliseconds. */
  readonly retryAfterMs: number;
}

export interface Unavailable {
  readonly kind: "unavailable";
  readonly reason: /** The user's object has more calls queued than it can serve. */
    | "USER_OVERLOADED"
    /** The user's object could not be reached, or went away during the call. */
    | "USER_UNREACHABLE"
    /** The storage of the user's object could not be read or written, and nothing was changed. */
    | "STORAGE_FAILED"
    /** As many users as one machine can serve at once have called within seconds. */
    | "TOO_MANY_USERS"
    /** The Directory could not be reached. The user's endpoints are as the call wanted them; to call again tells the Directory. */
    | "DIRECTORY_UNREACHABLE"
    /** The keys of the token's issuer can't be fetched, and none are kept. */
    | "ISSUER_UNREACHABLE"
    /** Worker and object run different versions: a deploy is under way. */
    | "VERSION_MISMATCH";
  /** How long to wait, in milliseconds. */
  readonly retryAfterMs: number;
}
