/**
 * Why a call failed: switch on `kind`. What the server refused has its `reason` besides, which is stable; the table of
 * docs/errors.md tells what each means and what to do. A newer server may give reasons that are not listed here, and a
 * proxy on the way gives none.
 */
export type RollcallFailure =
  | {
      /** The request can't be read, or breaks constraints: to be mended, not retried. */
      readonly kind: "invalid";
      readonly reason: Reason<"UNREADABLE_REQUEST" | "CONSTRAINTS_VIOLATED" | "NEXT_TOKEN_INVALID">;
      /** All the constraints that the request breaks. None where it is not about constraints: see the error's message. */
      readonly violations: readonly Violation[];
    }
  | {
      /** The server does not know who calls, or the credentials are no longer good. */
      readonly kind: "unauthenticated";
      readonly reason: Reason<UnauthenticatedReason>;
    }
  | {
      /** The caller's policy does not allow the operation on this user, or the server is not to be called from there. */
      readonly kind: "forbidden";
      readonly reason: Reason<"NOT_AUTHORIZED" | "HOST_NOT_LOCAL" | "HOST_NOT_SERVED" | "ORIGIN_NOT_ALLOWED">;
      /** What the policy would have to allow: "chime:RegisterAppInstanceUserEndpoint". */
      readonly action: string | undefined;
    }
  | {
      /** The user has no such endpoint. */
      readonly kind: "not_found";
      readonly reason: Reason<"ENDPOINT_NOT_FOUND">;
    }
  | {
      /** An endpoint stands in the way of the registration. */
      readonly kind: "conflict";
      readonly reason: Reason<ConflictReason>;
      /** That endpoint. */
      readonly endpointId: string;
    }
  | {
      /** The user has as many endpoints as are allowed. */
      readonly kind: "limit_exceeded";
      readonly reason: Reason<"ENDPOINT_LIMIT_EXCEEDED">;
      /** How many that is. */
      readonly limit: number;
    }
  | {
      /** Too many calls, still after the retries. */
      readonly kind: "throttled";
      readonly reason: Reason<ThrottledReason>;
      /** How long to wait, in milliseconds. */
      readonly retryAfterMs: number;
    }
  | {
      /** The server, or something on the way to it, can't serve just now, still after the retries. */
      readonly kind: "unavailable";
      readonly reason: Reason<UnavailableReason>;
      /** How long to wait, in milliseconds; undefined where no one said. */
      readonly retryAfterMs: number | undefined;
    }
  | {
      /** The request is larger than the server takes. */
      readonly kind: "too_large";
      readonly reason: Reason<"BODY_TOO_LARGE">;
    }
  | {
      /** The server has no such operation: see whether `baseUrl` is right, and the server new enough and configured for it. */
      readonly kind: "unimplemented";
      readonly reason: Reason<"UNKNOWN_OPERATION" | "UNSUPPORTED_MEDIA_TYPE" | "DIRECTORY_NOT_CONFIGURED">;
    }
  | {
      /** A bug of the server's: quote the error's `requestId` when you report it. */
      readonly kind: "internal";
      readonly reason: Reason<"INTERNAL">;
    }
  | {
      /** The time for the call is over. It may have taken effect all the same. */
      readonly kind: "deadline_exceeded";
    }
  | {
      /** No answer came, or a part of one, still after the retries: the call may have taken effect all the same. */
      readonly kind: "network";
    }
  | {
      /** The caller's AbortSignal ended the call. It may have taken effect all the same. */
      readonly kind: "canceled";
    }
  | {
      /** No credentials could be had: the error's `cause` is what their function threw. */
      readonly kind: "credentials";
    }
  | {
      /** An answer that is none of a Rollcall server's: see whether `baseUrl` is right. */
      readonly kind: "unknown";
      readonly reason: string | undefined;
    };

/** One constraint that one member of a request breaks. */
export interface Violation {
  /** The member, as TypeScript spells it: "endpointAttributes.deviceToken", "failures[3].reason". */
  readonly field: string;
  /** The stable id of the constraint: "string.min_len". */
  readonly ruleId: string;
  /** What the constraint asks for, for people. It repeats no value. */
  readonly message: string;
}

export type ConflictReason =
  /** The request token registered this endpoint, with other input. */
  | "REQUEST_TOKEN_REUSED"
  /** The endpoint that the request token registered was deregistered within the last 24 hours. */
  | "ENDPOINT_DEREGISTERED"
  /** The user has this endpoint with the same type, resource and device token. */
  | "DEVICE_ALREADY_REGISTERED";

export type UnauthenticatedReason =
  | "NO_PRINCIPALS"
  | "CREDENTIALS_MISSING"
  | "CREDENTIALS_AMBIGUOUS"
  | "SIGNATURE_MALFORMED"
  | "SIGNATURE_REFUSED"
  | "SESSION_TOKEN_REFUSED"
  | "SIGNATURE_EXPIRED"
  | "SIGNATURE_NOT_YET_CURRENT"
  | "SESSION_EXPIRED"
  | "TOKEN_REFUSED"
  | "TOKEN_EXPIRED"
  /** By the gateway, which no signature can pass: send a token. */
  | "SIGNATURE_NOT_FORWARDED";

export type ThrottledReason =
  /** Too many calls of this operation for this user. */
  | "OPERATION_RATE_EXCEEDED"
  /** Too many calls by this caller. */
  | "CALLER_RATE_EXCEEDED"
  /** The user's devices came and went too often within a day. The wait is an hour at the most. */
  | "TOO_MANY_DEREGISTRATIONS"
  /** The user was given too many new devices within a day. The wait is a day at the most. */
  | "TOO_MANY_DEVICES";

export type UnavailableReason =
  | "USER_OVERLOADED"
  | "USER_UNREACHABLE"
  | "STORAGE_FAILED"
  | "TOO_MANY_USERS"
  | "ISSUER_UNREACHABLE"
  /** The change is made, if the call asks for one; to call again completes it. */
  | "DIRECTORY_UNREACHABLE"
  | "VERSION_MISMATCH"
  /** By the gateway: the server behind it is gone. */
  | "UPSTREAM_UNREACHABLE";

/** The reasons that are known, and room for others; undefined where whoever answered gave none. */
export type Reason<Known extends string> = Known | (string & Record<never, never>) | undefined;

/** What every call that fails rejects with. */
export class RollcallError extends Error {
  override readonly name = "RollcallError";
  /** Why it failed: switch on its `kind`. */
  readonly failure: RollcallFailure;
  /** The server's name for the request, to quote when you report a problem; undefined if no answer came. */
  readonly requestId: string | undefined;

  constructor(
    message: string,
    failure: RollcallFailure,
    more: { requestId?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.failure = failure;
    this.requestId = more.requestId;
  }
}
