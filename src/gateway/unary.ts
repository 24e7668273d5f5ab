/**
 * Unary calls, forwarded or answered here. Connect negotiates protocol and codec, keeps the deadline, and frames answers and
 * errors. It is given an empty message (empty-message), and the one that was sent is read by us: what Connect can't read it
 * calls an internal error, as if it were the server's fault.
 */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { type ContextValues, createContextKey, createContextValues, type Interceptor } from "@connectrpc/connect";
import { ENCODINGS } from "../worker/transport/http/head.ts";
import { emptyBody, headersOfEmptyMessage } from "./empty-message.ts";
import { connectError } from "./errors.ts";
import { inText, isText } from "./grpc-web-text.ts";
import type { Route, UniversalRequest } from "./listener.ts";
import { trailersOnly } from "./refusal.ts";
import { readRequest } from "./request.ts";
import { type ForwardedService, ROLLCALL } from "./service.ts";

/** gRPC and gRPC-Web. */
const GRPC = /^application\/grpc\b/i;

const incomingKey = createContextKey<UniversalRequest | undefined>(undefined);

/** Has Connect handle a request as if its message were empty. What was sent stands beside it. */
export function onEmptyMessage(handler: Route): Route {
  return async (request) => {
    const contentType = request.header.get("content-type") ?? "";
    const response = await handler({
      ...request,
      header: headersOfEmptyMessage(request.header),
      body: emptyBody(contentType),
      contextValues: createContextValues().set(incomingKey, request),
    });
    const header = new Headers(response.header);
    if (GRPC.test(contentType)) {
      // Whoever is refused for its encoding has to learn here which there are, and Connect keeps that out of an error.
      header.set("grpc-accept-encoding", ENCODINGS.join(","));
    }
    if (response.trailer !== undefined && response.trailer.get("grpc-status") !== "0") {
      return trailersOnly(response.trailer, header);
    }
    return isText(contentType) ? inText({ ...response, header }) : { ...response, header };
  };
}

/** The request as it was sent. */
export function incomingOf(values: ContextValues): UniversalRequest {
  return values.get(incomingKey) as UniversalRequest;
}

/** The message that was sent. Throws the error that its caller is to be told where there is none. */
export async function readMessage(
  schema: DescMessage,
  { header, body }: UniversalRequest,
  signal: AbortSignal,
  { codecs, errorOf }: Pick<ForwardedService, "codecs" | "errorOf">,
): Promise<Message> {
  const reading = readRequest(schema, codecs, header, body as AsyncIterable<Uint8Array>);
  const message = await inTime(reading, signal);
  if ("kind" in message) {
    throw connectError(message, errorOf);
  }
  signal.throwIfAborted();
  return message;
}

/** Reads the messages of what is answered here. Those of streams are Connect's to read. */
export const readsUnary: Interceptor = (next) => async (request) =>
  request.stream
    ? next(request)
    : next({
        ...request,
        message: await readMessage(request.method.input, incomingOf(request.contextValues), request.signal, ROLLCALL),
      });

/** What a request comes to, if it has arrived before the call is to end. */
function inTime<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    reading.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
