import type { JsonValue } from "@bufbuild/protobuf";
import { create, type DescMessage, type MessageInitShape, toBinary, toJson } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { type FieldPathSchema, ViolationsSchema } from "../../../gen/buf/validate/validate_pb.ts";
import { ErrorInfoSchema, QuotaFailureSchema, RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import type { Failure, Step } from "../../model/failure.ts";
import { PROTO3_JSON } from "../messages/dialect.ts";
import { explain } from "../refusals/explain.ts";
import { CHALLENGE, retryHeaders } from "../refusals/headers.ts";

/** A refusal as Connect, gRPC-Web and gRPC know errors. Data, and no exception: nothing here is thrown. */
export interface RpcError {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly Detail[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** A message beside an error: as it is sent, and for people. */
export interface Detail {
  /** "google.rpc.ErrorInfo" */
  readonly type: string;
  readonly value: Uint8Array<ArrayBuffer>;
  readonly debug: JsonValue;
}

/** How failures are told: as ours are, by rpcError. The conformance suite's service has errors of its own. */
export type ErrorOf = (failure: Failure) => RpcError;

/**
 * Each error carries google.rpc.ErrorInfo, whose reason is stable; clients retry resource_exhausted only where RetryInfo
 * stands beside it.
 */
export const rpcError: ErrorOf = (failure) => {
  const { code, details = [], info, metadata = {} } = modelled(failure);
  return { code, message: explain(failure, PROTO3_JSON), details: [errorInfo(failure, info), ...details], metadata };
};

function errorInfo({ reason }: Failure, info: Record<string, string> | undefined): Detail {
  const known = info === undefined ? plainInfos.get(reason) : undefined;
  if (known !== undefined) {
    return known;
  }
  const made = detail(ErrorInfoSchema, { reason, domain: "rollcall", metadata: info ?? {} });
  if (info === undefined) {
    plainInfos.set(reason, made);
  }
  return made;
}

/** Those that say nothing but the reason. */
const plainInfos = new Map<Failure["reason"], Detail>();

interface Modelled {
  readonly code: Code;
  readonly details?: readonly Detail[];
  /** What ErrorInfo says besides the reason. */
  readonly info?: Record<string, string>;
  readonly metadata?: Record<string, string>;
}

function modelled(failure: Failure): Modelled {
  switch (failure.kind) {
    case "invalid":
      return { code: Code.InvalidArgument, details: violations(failure) };
    case "unauthenticated":
    case "signature":
      return { code: Code.Unauthenticated, metadata: CHALLENGE };
    case "forbidden":
      return { code: Code.PermissionDenied, info: { action: failure.action } };
    case "turned_away":
      return { code: Code.PermissionDenied };
    case "not_found":
      return { code: Code.NotFound };
    case "conflict":
      return { code: Code.AlreadyExists, info: { endpoint_id: failure.endpointId } };
    case "limit_exceeded":
      return { code: Code.FailedPrecondition, details: [quotaFailure(failure)] };
    case "throttled":
      return { code: Code.ResourceExhausted, details: [retryInfo(failure)], metadata: retryHeaders(failure) };
    case "unavailable":
      return { code: Code.Unavailable, details: [retryInfo(failure)], metadata: retryHeaders(failure) };
    case "internal":
    case "wrong_framing":
      return { code: Code.Internal };
    case "too_large":
      return { code: Code.ResourceExhausted };
    case "wrong_method":
    case "wrong_type":
    case "wrong_encoding":
    case "wrong_cardinality":
    case "unknown_operation":
    case "not_configured":
      return { code: Code.Unimplemented };
    case "deadline_exceeded":
      return { code: Code.DeadlineExceeded };
  }
}

export function detail<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Detail {
  const message = create(schema, init);
  return { type: schema.typeName, value: toBinary(schema, message), debug: toJson(schema, message) };
}

function violations(failure: Failure & { kind: "invalid" }): Detail[] {
  if (failure.reason !== "CONSTRAINTS_VIOLATED") {
    return [];
  }
  const list = failure.violations.map(({ path, rule, ruleId, message }) => ({
    field: fieldPath(path),
    rule: fieldPath(rule.map((member) => ({ member }))),
    ruleId,
    message,
    forKey: false,
  }));
  return [detail(ViolationsSchema, { violations: list })];
}

function fieldPath(path: readonly Step[]): MessageInitShape<typeof FieldPathSchema> {
  return {
    elements: path.map(({ member: { number, name, proto }, index }) => ({
      fieldNumber: number,
      fieldName: name,
      fieldType: proto.type,
      ...(index !== undefined && { subscript: { case: "index" as const, value: BigInt(index) } }),
    })),
  };
}

function retryInfo({ retryAfterMs }: { retryAfterMs: number }): Detail {
  return detail(RetryInfoSchema, { retryDelay: durationFromMs(retryAfterMs) });
}

function quotaFailure({ limit }: { limit: number }): Detail {
  const violation = {
    subject: "AppInstanceUser",
    description: "AppInstanceUserEndpoints per AppInstanceUser",
    quotaId: "L-39BCA56C",
    quotaValue: BigInt(limit),
  };
  return detail(QuotaFailureSchema, { violations: [violation] });
}
