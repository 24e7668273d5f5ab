/** The suite's service: says back what was asked, and answers as the request says. */
import { create, type Message, toJson } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Failure } from "../../src/worker/model/failure.ts";
import type { Incoming } from "../../src/worker/transport/incoming.ts";
import { unknownPath } from "../../src/worker/transport/refusals/unknown-path.ts";
import type { Detail, ErrorOf, RpcError } from "../../src/worker/transport/rpc/errors.ts";
import { rpcError } from "../../src/worker/transport/rpc/errors.ts";
import type { Outcome } from "../../src/worker/transport/serve.ts";
import type { Call } from "../../src/worker/transport/wire.ts";
import {
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  type Error as ErrorToRaise,
  type Header,
  type IdempotentUnaryRequest,
  type UnaryRequest,
} from "./gen/connectrpc/conformance/v1/service_pb.ts";
import { registry } from "./messages.ts";

/** What calls were asked to raise, by the failures that stand for it on their way through the wire. */
const raised = new WeakMap<Failure, RpcError>();

/** Errors that were asked for; all others are Rollcall's own, but for their details: of those the suite knows nothing. */
export const errorOf: ErrorOf = (failure) => raised.get(failure) ?? { ...rpcError(failure), details: [] };

/** Does a call. The response headers that it asks for are added to `headers`. */
export async function perform(call: Call, incoming: Incoming, headers: Headers): Promise<Outcome> {
  if ("kind" in incoming.body) {
    return incoming.body;
  }
  const request = call.decode(incoming.body);
  if ("kind" in request) {
    return request;
  }
  if (!isUnary(request)) {
    return unknownPath(incoming.url);
  }
  const {
    responseHeaders = [],
    responseTrailers = [],
    responseDelayMs = 0,
    response,
  } = request.responseDefinition ?? {};
  if (!(await waited(responseDelayMs, call.deadline))) {
    return { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };
  }
  for (const { name, value } of responseHeaders) {
    for (const one of value) {
      headers.append(name, one);
    }
  }
  const trailers = joined(responseTrailers);
  const requestInfo = infoOf(call, incoming, request);
  if (response?.case === "error") {
    return raise(response.value, requestInfo, trailers);
  }
  const data = response?.case === "responseData" ? response.value : new Uint8Array();
  return {
    kind: "ok",
    response: create(call.operation.method.output, { payload: { data, requestInfo } } as Record<string, unknown>),
    trailers,
  };
}

function isUnary(message: Message): message is UnaryRequest | IdempotentUnaryRequest {
  return /\.(Idempotent)?UnaryRequest$/.test(message.$typeName);
}

/** Waits as long as was asked, but not past the deadline: then the answer is false. */
async function waited(delayMs: number, deadline: number): Promise<boolean> {
  const leftMs = deadline - Date.now();
  await new Promise((resolve) => setTimeout(resolve, Math.min(delayMs, Math.max(0, leftMs))));
  return delayMs < leftMs;
}

function joined(list: readonly Header[]): Record<string, string> {
  return Object.fromEntries(list.map(({ name, value }) => [name, value.join(", ")]));
}

/** What the server saw of a call. */
function infoOf(
  { operation, deadline }: Call,
  { request: { headers }, receivedAt }: Incoming,
  request: Message,
): ConformancePayload_RequestInfo {
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: Array.from(headers, ([name, value]) => ({ name, value: [value] })),
    requests: [anyPack(operation.method.input, request)],
    ...(Number.isFinite(deadline) && { timeoutMs: BigInt(Math.round(deadline - receivedAt)) }),
  });
}

function raise(
  { code, message = "", details }: ErrorToRaise,
  info: ConformancePayload_RequestInfo,
  metadata: Readonly<Record<string, string>>,
): Failure {
  const failure: Failure = { kind: "internal", reason: "INTERNAL" };
  const all = [...details, anyPack(ConformancePayload_RequestInfoSchema, info)];
  raised.set(failure, { code: code as number, message, details: all.map(detailOf), metadata });
  return failure;
}

function detailOf(any: Any): Detail {
  const type = any.typeUrl.replace(/^.*\//, "");
  const [schema, message] = [registry.getMessage(type), anyUnpack(any, registry)];
  const debug = schema === undefined || message === undefined ? null : toJson(schema, message, { registry });
  return { type, value: Uint8Array.from(any.value), debug };
}
