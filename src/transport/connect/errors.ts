import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { violationsToProto } from "@bufbuild/protovalidate";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { PROTO3_JSON } from "../messages/dialect.ts";
import type { Refusal } from "../operations.ts";
import { explain } from "../refusals/explain.ts";
import { CHALLENGE, retryHeaders } from "../refusals/headers.ts";

type Detail = NonNullable<ConstructorParameters<typeof ConnectError>[3]>[number];

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
  const info: Detail = { desc: ErrorInfoSchema, value: { reason: refusal.reason, domain: "rollcall", metadata } };
  return new ConnectError(explain(refusal, PROTO3_JSON), code, headers, [info, ...details]);
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
  const [value, desc] = violationsToProto([...refusal.violations]);
  return [{ desc, value }];
}

function retryInfo({ retryAfterMs }: { retryAfterMs: number }): Detail {
  return { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(retryAfterMs) } };
}

function quotaFailure({ limit }: { limit: number }): Detail {
  const violation = {
    subject: "AppInstanceUser",
    description: "AppInstanceUserEndpoints per AppInstanceUser",
    quotaId: "L-39BCA56C",
    quotaValue: BigInt(limit),
  };
  return { desc: QuotaFailureSchema, value: { violations: [violation] } };
}
