import { protoCamelCase } from "@bufbuild/protobuf/reflect";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError } from "@connectrpc/connect";
import { RollcallError, type RollcallFailure, type Violation } from "./failure.ts";
import { type FieldPath, ViolationsSchema } from "./gen/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.ts";
import { UnansweredError } from "./unanswered.ts";

/** What an attempt ended with, as callers of this package get it. */
export function readError(error: ConnectError): RollcallError {
  if (error.cause instanceof UnansweredError) {
    const { message, kind, cause } = error.cause;
    return new RollcallError(message, { kind }, { cause });
  }
  const requestId = error.metadata.get("x-amzn-requestid") ?? undefined;
  return new RollcallError(error.rawMessage, failureOf(error), { requestId, cause: error });
}

/** Goes by the code, which proxies answer too, and takes what else there is from the details. */
function failureOf(error: ConnectError): RollcallFailure {
  const { reason, metadata = {} } = error.findDetails(ErrorInfoSchema)[0] ?? {};
  switch (error.code) {
    case Code.InvalidArgument:
      return { kind: "invalid", reason, violations: violationsOf(error) };
    case Code.Unauthenticated:
      return { kind: "unauthenticated", reason };
    case Code.PermissionDenied:
      return { kind: "forbidden", reason, action: metadata.action };
    case Code.NotFound:
      return { kind: "not_found", reason };
    case Code.Unavailable:
      return { kind: "unavailable", reason, retryAfterMs: retryAfterMs(error) };
    case Code.Unimplemented:
      return { kind: "unimplemented", reason };
    case Code.DeadlineExceeded:
      return { kind: "deadline_exceeded" };
    case Code.Canceled:
      return { kind: "canceled" };
    default:
      return failureByDetails(error, reason, metadata) ?? { kind: "unknown", reason };
  }
}

/** The codes that say too little by themselves. */
function failureByDetails(
  error: ConnectError,
  reason: string | undefined,
  { endpoint_id: endpointId }: Record<string, string>,
): RollcallFailure | undefined {
  if (error.code === Code.AlreadyExists && endpointId !== undefined) {
    return { kind: "conflict", reason, endpointId };
  }
  const limit = error.findDetails(QuotaFailureSchema)[0]?.violations[0]?.quotaValue;
  if (error.code === Code.FailedPrecondition && limit !== undefined) {
    return { kind: "limit_exceeded", reason, limit: Number(limit) };
  }
  const waitMs = retryAfterMs(error);
  if (error.code === Code.ResourceExhausted && waitMs !== undefined) {
    return { kind: "throttled", reason, retryAfterMs: waitMs };
  }
  if (error.code === Code.ResourceExhausted && reason === "BODY_TOO_LARGE") {
    return { kind: "too_large", reason };
  }
  return error.code === Code.Internal && reason === "INTERNAL" ? { kind: "internal", reason } : undefined;
}

function retryAfterMs(error: ConnectError): number | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay && durationMs(delay);
}

function violationsOf(error: ConnectError): Violation[] {
  const all = error.findDetails(ViolationsSchema).flatMap(({ violations }) => violations);
  return all.map(({ field, ruleId, message }) => ({ field: pathOf(field), ruleId, message }));
}

function pathOf(field: FieldPath | undefined): string {
  const steps = (field?.elements ?? []).map(({ fieldName, subscript }) =>
    subscript.case === "index" ? `${protoCamelCase(fieldName)}[${subscript.value}]` : protoCamelCase(fieldName),
  );
  return steps.join(".");
}
