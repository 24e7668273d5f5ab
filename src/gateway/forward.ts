/**
 * Sends calls on: every method of a service, as its descriptor has it. The server decides on everything else; what is
 * refused here can't be sent on.
 *
 * Connect negotiates protocol and codec, keeps the deadline, and frames answers and errors. It is given an empty message
 * (empty-message), and the one that was sent is read by us.
 */
import type { DescMethod, DescMethodUnary, DescService, Message } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type Transport,
} from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import type { Failure } from "../worker/model/failure.ts";
import { emptyBody, headersOfEmptyMessage } from "./empty-message.ts";
import { connectError, pushBack, reasonOf, signatureRefused, toldByServer, upstreamUnreachable } from "./errors.ts";
import type { Route, Routes, UniversalRequest, UniversalResponse } from "./listener.ts";
import { crossing } from "./metadata.ts";
import { type CallEvent, reportBug, reportCall, reportFault } from "./report.ts";
import { isSigned, readRequest } from "./request.ts";

/** How long a request may take to arrive. */
const REQUEST_MAX_MS = 30_000;

/** How long the server may take where the caller sets no deadline. */
const ANSWER_MAX_MS = 60_000;

const REQUEST_ID = "x-amzn-requestid";

const DEADLINE_EXCEEDED: Failure = { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };

const incomingKey = createContextKey<UniversalRequest | undefined>(undefined);

/** Routes for all methods of a service. Throws TypeError for one that streams: HTTP/1.1 to the server can't. */
export function forwardingRoutes(service: DescService, upstream: Transport): Routes {
  const router = createConnectRouter({ acceptCompression: [compressionGzip] });
  for (const method of service.methods) {
    if (!isUnary(method)) {
      throw new TypeError(`${method.parent.typeName}.${method.name} streams, and can't be forwarded`);
    }
    router.rpc(method, (_, context) => forward(method, context, upstream));
  }
  return new Map(router.handlers.map((handler) => [handler.requestPath, onEmptyMessage(handler)]));
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** Has Connect handle a request as if its message were empty. What was sent stands beside it. */
function onEmptyMessage(handler: Route): Route {
  return async (request) => {
    const response = await handler({
      ...request,
      header: headersOfEmptyMessage(request.header),
      body: emptyBody(request.header.get("content-type") ?? ""),
      contextValues: createContextValues().set(incomingKey, request),
    });
    return response.trailer === undefined ? response : withStatus(response, response.trailer);
  };
}

/**
 * An answer of gRPC's, as its clients want it. A refusal is all headers ("Trailers-Only"), because they take a call for
 * answered once other headers have come, and do not retry it then. And its message is escaped no more than gRPC asks
 * for: grpc-js decodes no more than that.
 */
function withStatus(response: UniversalResponse, trailer: Headers): UniversalResponse {
  if (trailer.get("grpc-status") === "0") {
    return response;
  }
  trailer.set("grpc-message", encodeURI(decodeURIComponent(trailer.get("grpc-message") ?? "")));
  const header = new Headers(response.header);
  for (const [name, value] of trailer) {
    header.append(name, value);
  }
  return { status: response.status, header };
}

async function forward(method: DescMethodUnary, context: HandlerContext, upstream: Transport): Promise<Message> {
  const started = performance.now();
  const tell = (answered: Headers, ended: Pick<CallEvent, "code" | "reason">) => {
    const requestId = answered.get(REQUEST_ID) ?? crypto.randomUUID();
    answered.set(REQUEST_ID, requestId);
    const ms = Math.round(performance.now() - started);
    reportCall({ requestId, operation: method.name, wire: context.protocolName, ms, ...ended });
    return requestId;
  };
  try {
    const message = await performCall(method, context, upstream);
    tell(context.responseHeader, {});
    return message;
  } catch (thrown) {
    const error = errorToTell(thrown, context);
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

async function performCall(method: DescMethodUnary, context: HandlerContext, upstream: Transport): Promise<Message> {
  const { header, body, url } = context.values.get(incomingKey) as UniversalRequest;
  if (isSigned(header, url)) {
    throw signatureRefused();
  }
  const reading = readRequest(method.input, header, body as AsyncIterable<Uint8Array>);
  const message = await inTime(reading, context.signal);
  if ("kind" in message) {
    throw connectError(message);
  }
  context.signal.throwIfAborted();
  const {
    header: headers,
    trailer,
    message: response,
  } = await ask(method, context, upstream, crossing(header), message);
  addTo(context.responseHeader, headers);
  addTo(context.responseTrailer, trailer);
  return response;
}

/** What a request comes to, if it has arrived before the caller's deadline and REQUEST_MAX_MS. */
function inTime<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const timer = setTimeout(() => reject(connectError(DEADLINE_EXCEEDED)), REQUEST_MAX_MS);
    signal.addEventListener("abort", abort);
    reading.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  });
}

async function ask(
  method: DescMethodUnary,
  { signal, timeoutMs }: HandlerContext,
  upstream: Transport,
  headers: Headers,
  message: Message,
) {
  try {
    // 0 would be no limit at all.
    const leftMs = Math.max(1, timeoutMs() ?? ANSWER_MAX_MS);
    return await upstream.unary(method, signal, leftMs, headers, message);
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const isLate = error.code === Code.DeadlineExceeded && timeoutMs() !== undefined;
    throw toldByServer(error) ?? (isLate ? connectError(DEADLINE_EXCEEDED) : upstreamUnreachable(error));
  }
}

function addTo(target: Headers, answered: Headers): void {
  for (const [name, value] of crossing(answered)) {
    target.append(name, value);
  }
}

function errorToTell(thrown: unknown, { signal }: HandlerContext): ConnectError {
  if (signal.aborted) {
    const aborted = ConnectError.from(signal.reason, Code.Canceled);
    // A caller who canceled hears nothing of it.
    return aborted.code === Code.DeadlineExceeded ? connectError(DEADLINE_EXCEEDED) : aborted;
  }
  if (thrown instanceof ConnectError) {
    return thrown;
  }
  reportBug(thrown);
  return connectError({ kind: "internal", reason: "INTERNAL" });
}
