import type { Failure } from "../../model/failure.ts";
import { REST } from "../messages/dialect.ts";
import { explain } from "../refusals/explain.ts";
import { CHALLENGE, retryHeaders } from "../refusals/headers.ts";

/** A refusal as it is answered. */
export interface RestError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly Code: string; readonly Message: string; readonly message: string };
}

/** A refusal as AWS SDKs read it. The header X-Amzn-ErrorType is what makes their exceptions typed. */
export function restError(failure: Failure): RestError {
  const { status, type, code, headers } = modelled(failure);
  const message = explain(failure, REST);
  return {
    status,
    headers: { ...headers, "x-amzn-errortype": type },
    // The SDKs read `message` or `Message`, each in its own case.
    body: { Code: code, Message: message, message },
  };
}

interface Modelled {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 501 | 503;
  /** The value of X-Amzn-ErrorType, by which AWS SDKs find the exception's class. */
  readonly type: string;
  /** A value of the model's ErrorCode enum. */
  readonly code: string;
  readonly headers?: Record<string, string>;
}

/**
 * Names, statuses and codes are those of botocore's model chime-sdk-identity 2021-04-20. What the model has no
 * exception for takes the names of the Smithy protocol tests and of AWS's common errors.
 */
function modelled(failure: Failure): Modelled {
  switch (failure.kind) {
    case "invalid":
      return { status: 400, type: "BadRequestException", code: "BadRequest" };
    case "unauthenticated":
      return { status: 401, type: "UnauthorizedClientException", code: "Unauthorized", headers: CHALLENGE };
    case "signature": {
      const type = failure.reason === "SESSION_EXPIRED" ? "ExpiredTokenException" : "InvalidSignatureException";
      return { status: 403, type, code: "Forbidden" };
    }
    case "forbidden":
    case "turned_away":
      return { status: 403, type: "ForbiddenException", code: "Forbidden" };
    case "not_found":
      return { status: 404, type: "NotFoundException", code: "NotFound" };
    case "conflict":
      return { status: 409, type: "ConflictException", code: "Conflict" };
    case "limit_exceeded":
      return { status: 400, type: "ResourceLimitExceededException", code: "ResourceLimitExceeded" };
    case "throttled":
      return { status: 429, type: "ThrottledClientException", code: "Throttled", headers: retryHeaders(failure) };
    case "unavailable":
      return {
        status: 503,
        type: "ServiceUnavailableException",
        code: "ServiceUnavailable",
        headers: retryHeaders(failure),
      };
    case "internal":
    // These are Connect's and gRPC-Web's: REST has no deadlines, and no envelopes.
    case "deadline_exceeded":
    case "wrong_cardinality":
    case "wrong_framing":
      return { status: 500, type: "ServiceFailureException", code: "ServiceFailure" };
    case "not_configured":
      return { status: 501, type: "NotImplementedException", code: "ServiceFailure" };
    case "too_large":
      return { status: 413, type: "RequestEntityTooLargeException", code: "BadRequest" };
    case "unknown_operation":
      return { status: 404, type: "UnknownOperationException", code: "NotFound" };
    case "wrong_method":
      return {
        status: 405,
        type: "MethodNotAllowedException",
        code: "BadRequest",
        headers: { allow: failure.allowed.join(", ") },
      };
    case "wrong_type":
    case "wrong_encoding":
      return { status: 415, type: "UnsupportedMediaTypeException", code: "BadRequest" };
  }
}
