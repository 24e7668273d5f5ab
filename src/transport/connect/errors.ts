import { create, type DescMessage, type MessageInitShape, toBinary, toJson } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { PROTO3_JSON } from "../messages/dialect.ts";
import type { Refusal } from "../operations.ts";
import { explain } from "../refusals/explain.ts";
import { CHALLENGE, retryHeaders } from "../refusals/headers.ts";

type Detail = ConnectError["details"][number];

/** How Connect, gRPC-Web and gRPC tell a refusal. */
interface ConnectFailure {
  readonly code: Code;
  readonly details?: readonly Detail[];
  /** What ErrorInfo tells besides the reason. */
  readonly metadata?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

/**
 * A refusal as an error of Connect's. Each carries google.rpc.ErrorInfo, whose reason is stable; clients retry
 * resource_exhausted only where RetryInfo stands beside it.
 */
export function connectError(refusal: Refusal): ConnectError {
  const { code, details = [], metadata = {}, headers } = connectFailure(refusal);
  const error = new ConnectError(explain(refusal, PROTO3_JSON), code, headers);
  const info = encoded(ErrorInfoSchema, { reason: refusal.reason, domain: "rollcall", metadata });
  error.details = [info, ...details];
  return error;
}

/**
 * A detail as it is sent. Connect would encode a message itself, but it also aborts its signal with the error, and the
 * runtime then copies what the error holds: with a message's descriptor, half a schema.
 */
function encoded<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Detail {
  const message = create(schema, init);
  return { type: schema.typeName, value: toBinary(schema, message), debug: toJson(schema, message) };
}

function connectFailure(refusal: Refusal): ConnectFailure {
  switch (refusal.kind) {
    case "invalid":
      return { code: Code.InvalidArgument, details: violations(refusal) };
    case "unauthenticated":
    case "signature":
      return { code: Code.Unauthenticated, headers: CHALLENGE };
    case "forbidden":
      return { code: Code.PermissionDenied, metadata: { action: refusal.action } };
    case "turned_away":
      return { code: Code.PermissionDenied };
    case "not_found":
      return { code: Code.NotFound };
    case "conflict":
      return { code: Code.AlreadyExists, metadata: { endpoint_id: refusal.endpointId } };
    case "limit_exceeded":
      return { code: Code.FailedPrecondition, details: [quotaFailure(refusal)] };
    case "throttled":
      return { code: Code.ResourceExhausted, details: [retryInfo(refusal)], headers: retryHeaders(refusal) };
    case "unavailable":
      return { code: Code.Unavailable, details: [retryInfo(refusal)], headers: retryHeaders(refusal) };
    case "internal":
      return { code: Code.Internal };
    case "too_large":
      return { code: Code.ResourceExhausted };
    // Other methods and types are refused by Connect itself; what is left is an unknown compression.
    case "wrong_method":
    case "wrong_type":
    case "unknown_operation":
    case "not_implemented":
      return { code: Code.Unimplemented };
    case "deadline_exceeded":
      return { code: Code.DeadlineExceeded };
  }
}

function violations(refusal: Refusal & { kind: "invalid" }): Detail[] {
  if (refusal.reason !== "CONSTRAINTS_VIOLATED") {
    return [];
  }
  const [message, schema] = violationsToProto([...refusal.violations]);
  return [encoded(schema, message)];
}

function retryInfo({ retryAfterMs }: { retryAfterMs: number }): Detail {
  return encoded(RetryInfoSchema, { retryDelay: durationFromMs(retryAfterMs) });
}

function quotaFailure({ limit }: { limit: number }): Detail {
  const violation = {
    subject: "AppInstanceUser",
    description: "AppInstanceUserEndpoints per AppInstanceUser",
    quotaId: "L-39BCA56C",
    quotaValue: BigInt(limit),
  };
  return encoded(QuotaFailureSchema, { violations: [violation] });
}
