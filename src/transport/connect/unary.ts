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
import type { Operation } from "../messages/service.ts";
import { perform, type Refusal, type Service } from "../operations.ts";
import { respond } from "../respond.ts";
import { connectError } from "./errors.ts";
import { acceptsGzip, deadlineOf, headerRefusal } from "./headers.ts";
import { decodeBody, framingOf } from "./request.ts";

/** Whether a request is one of this protocol. */
export function isUnary({ method, headers }: Request): boolean {
  return (
    method === "POST" && /^application\/(?:json(?:; ?charset=utf-?8)?|proto)$/i.test(headers.get("content-type") ?? "")
  );
}

/** Serves a request that is. */
export async function answerUnary(incoming: Incoming, operation: Operation, service: Service): Promise<Response> {
  const { request, event } = incoming;
  const { headers } = request;
  const { input, output } = operation.method;
  const framing = framingOf(headers);
  const decode = (body: Uint8Array) => decodeBody(input, framing, body);
  const deadline = deadlineOf(headers, incoming.receivedAt);
  const outcome = headerRefusal(headers) ?? (await perform({ operation, incoming, decode, deadline }, service));
  event.outcome = outcome;
  if (outcome.kind !== "ok") {
    return unaryRefusal(incoming, outcome);
  }
  return framing.json
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
  const isGzip = body.length >= COMPRESS_MIN_BYTES && acceptsGzip(request.headers);
  return respond(event, { status, headers: isGzip ? { ...headers, "content-encoding": "gzip" } : headers, body });
}
