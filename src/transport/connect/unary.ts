/**
 * The Connect protocol for unary calls: a message is a body, an error is JSON under a status.
 *
 * Connect's own handlers take 200 to 300 µs of a call, for what a unary call needs none of (streams of messages,
 * interceptors, signals that abort), and decode before any code of ours runs. So we read a request (see request), and
 * write an answer; how an error is written, and under which status, is Connect's.
 * Source: connectrpc.com/docs/protocol, and connect-es 2.2.0. Knowingly different: there are no GET requests.
 */
import { toBinary, toJsonString } from "@bufbuild/protobuf";
// Documented as private and outside semantic versioning, so imported in this folder only.
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import type { Incoming } from "../incoming.ts";
import type { Refusal, Service } from "../operations.ts";
import { respond } from "../respond.ts";
import { connectError } from "./errors.ts";
import { acceptsGzip } from "./headers.ts";
import { performRpc, type Rpc } from "./rpc.ts";

/** Whether a request is one of this protocol. */
export function isUnary({ method, headers }: Request): boolean {
  return (
    method === "POST" && /^application\/(?:json(?:; ?charset=utf-?8)?|proto)$/i.test(headers.get("content-type") ?? "")
  );
}

/** Serves a request that is. */
export async function answerUnary(incoming: Incoming, rpc: Rpc, service: Service): Promise<Response> {
  const outcome = await performRpc(incoming, rpc, service);
  if (outcome.kind !== "ok") {
    return unaryRefusal(incoming, outcome);
  }
  const { output } = rpc.operation.method;
  return rpc.framing.json
    ? reply(incoming, 200, JSON_TYPE, toJsonString(output, outcome.response))
    : reply(incoming, 200, { "content-type": "application/proto" }, toBinary(output, outcome.response));
}

/** Answers a refusal, under the status of its code or another one. */
export function unaryRefusal(incoming: Incoming, refusal: Refusal, status?: number): Response {
  incoming.event.outcome = refusal;
  const error = connectError(refusal);
  const headers = { ...Object.fromEntries(error.metadata), ...JSON_TYPE };
  return reply(
    incoming,
    status ?? codeToHttpStatus(error.code),
    headers,
    JSON.stringify(errorToJson(error, undefined)),
  );
}

const JSON_TYPE = { "content-type": "application/json" };

/** Below this compressing costs more than it saves; Connect draws its line at the same size. */
const COMPRESS_MIN_BYTES = 1_024;

/** Names the encoding of a long answer and leaves encoding it to the runtime, which would encode again what we had. */
function reply(
  { request, event }: Incoming,
  status: number,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Response {
  const isGzip = body.length >= COMPRESS_MIN_BYTES && acceptsGzip(request);
  return respond(event, { status, headers: isGzip ? { ...headers, "content-encoding": "gzip" } : headers, body });
}
