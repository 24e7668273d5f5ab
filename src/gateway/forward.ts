/**
 * Sends calls on: every method of a service, as its descriptor has it. The server decides on everything else; what is
 * refused here can't be sent on.
 */
import type { DescMethod, DescMethodUnary, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, type HandlerContext, type Transport } from "@connectrpc/connect";
// Documented as private and outside semantic versioning.
import { createDeadlineSignal } from "@connectrpc/connect/protocol";
import { compressionGzip } from "@connectrpc/connect-node";
import type { Failure } from "../worker/model/failure.ts";
import { CONNECT_TIMEOUT, GRPC_TIMEOUT } from "../worker/transport/rpc/deadline.ts";
import { connectError, pushBack, reasonOf, signatureRefused, toldAgain, upstreamUnreachable } from "./errors.ts";
import type { Routes } from "./listener.ts";
import { crossing } from "./metadata.ts";
import { type CallEvent, type ReportCall, reportBug, reportFault } from "./report.ts";
import { isSigned } from "./request.ts";
import type { ForwardedService } from "./service.ts";
import { incomingOf, onEmptyMessage, readMessage } from "./unary.ts";

/** How long the server may take where the caller sets no deadline. */
const ANSWER_MAX_MS = 60_000;

const REQUEST_ID = "x-amzn-requestid";

const DEADLINE_EXCEEDED: Failure = { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };

/** Routes for all methods of a service. Throws TypeError for one that streams: HTTP/1.1 to the server can't. */
export function forwardingRoutes(service: ForwardedService, upstream: Transport, reportCall: ReportCall): Routes {
  const { descriptor, jsonOptions = {} } = service;
  const router = createConnectRouter({ acceptCompression: [compressionGzip], jsonOptions });
  for (const method of descriptor.methods) {
    if (!isUnary(method)) {
      throw new TypeError(`${method.parent.typeName}.${method.name} streams, and can't be forwarded`);
    }
    router.rpc(method, (_, context) => forward({ method, context, service, upstream, reportCall }));
  }
  return new Map(router.handlers.map((handler) => [handler.requestPath, onEmptyMessage(handler)]));
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** A call that is to be sent on. */
interface Forwarding {
  readonly method: DescMethodUnary;
  readonly context: HandlerContext;
  readonly service: ForwardedService;
  readonly upstream: Transport;
  readonly reportCall: ReportCall;
}

async function forward(call: Forwarding): Promise<Message> {
  const { method, context, reportCall } = call;
  const started = performance.now();
  const tell = (answered: Headers, ended: Pick<CallEvent, "code" | "reason">) => {
    const requestId = answered.get(REQUEST_ID) ?? crypto.randomUUID();
    answered.set(REQUEST_ID, requestId);
    const ms = Math.round(performance.now() - started);
    reportCall({ requestId, operation: method.name, wire: context.protocolName, ms, ...ended });
    return requestId;
  };
  try {
    const message = await performCall(call);
    tell(context.responseHeader, {});
    return message;
  } catch (thrown) {
    const error = errorToTell(thrown, call);
    if (context.protocolName.startsWith("grpc")) {
      pushBack(error);
    }
    const requestId = tell(error.metadata, { code: error.code, reason: reasonOf(error) });
    if (typeof error.cause === "string") {
      reportFault({ requestId, operation: method.name, error: error.cause });
    }
    throw error;
  }
}

async function performCall(call: Forwarding): Promise<Message> {
  const { method, context, service } = call;
  const incoming = incomingOf(context.values);
  const { header, url } = incoming;
  if (isSigned(header, url)) {
    throw signatureRefused();
  }
  const message = await readMessage(method.input, incoming, context.signal, service);
  const { header: headers, trailer, message: response } = await ask(call, header, message);
  addTo(context.responseHeader, headers);
  addTo(context.responseTrailer, trailer);
  return response;
}

/** Asks the server, which is told of a deadline only where the caller set one. */
async function ask({ method, context, service, upstream }: Forwarding, header: Headers, message: Message) {
  const { signal, timeoutMs } = context;
  const limit = createDeadlineSignal(ANSWER_MAX_MS);
  try {
    const leftMs = timeoutMs() ?? (isTimed(header) ? ANSWER_MAX_MS : undefined);
    if (leftMs === undefined) {
      const ended = AbortSignal.any([signal, limit.signal]);
      return await upstream.unary(method, ended, undefined, crossing(header), message);
    }
    // 0 would be no limit at all.
    return await upstream.unary(method, signal, Math.max(1, leftMs), crossing(header), message);
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const isLate = error.code === Code.DeadlineExceeded && timeoutMs() !== undefined;
    if (service.isTold(error)) {
      throw toldAgain(error);
    }
    throw isLate ? connectError(DEADLINE_EXCEEDED, service.errorOf) : upstreamUnreachable(error);
  } finally {
    limit.cleanup();
  }
}

/** Whether a caller set a deadline, be it one that lies too far ahead to be kept. */
function isTimed(header: Headers): boolean {
  return [CONNECT_TIMEOUT, GRPC_TIMEOUT].some(({ name }) => header.has(name));
}

function addTo(target: Headers, answered: Headers): void {
  for (const [name, value] of crossing(answered)) {
    target.append(name, value);
  }
}

function errorToTell(thrown: unknown, { context: { signal }, service: { errorOf } }: Forwarding): ConnectError {
  if (signal.aborted) {
    const aborted = ConnectError.from(signal.reason, Code.Canceled);
    // A caller who canceled hears nothing of it.
    return aborted.code === Code.DeadlineExceeded ? connectError(DEADLINE_EXCEEDED, errorOf) : aborted;
  }
  if (thrown instanceof ConnectError) {
    return thrown;
  }
  reportBug(thrown);
  return connectError({ kind: "internal", reason: "INTERNAL" }, errorOf);
}
