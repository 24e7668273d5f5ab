/** Between Node's server and Connect's handlers: HTTP/1.1 and HTTP/2 alike, and nothing that a request brings can throw. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { DescMethod } from "@bufbuild/protobuf";
import type { ConnectError, createConnectRouter } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { Arrival } from "./arrival.ts";
import { discard } from "./discard.ts";
import { headersTooLarge, noSuchMethod, unreadableHost } from "./errors.ts";
import {
  ANSWER_MAX_MS,
  CALL_BYTES,
  DISCARD_MAX_MS,
  HEADERS_MAX_BYTES,
  REQUEST_MAX_MS,
  STREAM_MAX_MS,
} from "./limits.ts";
import { refusal } from "./refusal.ts";
import type { Room } from "./room.ts";

export type UniversalHandler = ReturnType<typeof createConnectRouter>["handlers"][number];
export type UniversalRequest = Parameters<UniversalHandler>[0];
export type UniversalResponse = Awaited<ReturnType<UniversalHandler>>;

/** What answers calls of one method. */
export interface Route {
  (request: UniversalRequest): Promise<UniversalResponse>;
  /** Unary where it is absent. */
  readonly methodKind?: DescMethod["methodKind"];
}

/** By their paths: "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint". */
export type Routes = ReadonlyMap<string, Route>;

export type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** Hears of what is refused before it is a call. */
export type OnRefused = (error: ConnectError) => void;

/** For Node's "request". */
export function listener(
  routes: Routes,
  room: Room,
  onRefused: OnRefused,
): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    // A peer that goes away in the middle of its request or our answer is no error of ours.
    request.on("error", ignore);
    response.on("error", ignore);
    const route = routes.get(request.url?.split("?", 1)[0] ?? "");
    const arrival = new Arrival(request, room, isLong(route, ["bidi_streaming"]) ? STREAM_MAX_MS : REQUEST_MAX_MS);
    response.once("close", () => arrival.leave());
    serve(route, arrival, response, onRefused).catch(() => abandon(response));
  };
}

function isLong(route: Route | undefined, kinds: readonly string[]): boolean {
  return kinds.includes(route?.methodKind ?? "unary");
}

async function serve(
  route: Route | undefined,
  arrival: Arrival,
  response: NodeResponse,
  onRefused: OnRefused,
): Promise<void> {
  const answered = await answer(route, arrival, response, onRefused);
  const { request } = arrival;
  if (!("stream" in response)) {
    // What is left unread would be taken for the next request.
    await discard(request);
    if (!request.complete) {
      response.setHeader("connection", "close");
    }
  }
  endInTime(response, isLong(route, ["bidi_streaming", "server_streaming"]) ? STREAM_MAX_MS : ANSWER_MAX_MS);
  if ("stream" in response) {
    // What is left unread would keep the connection's other calls from sending, and the stream open.
    response.stream.once("finish", () => {
      void discard(request);
      const timer = setTimeout(() => response.stream.close(constants.NGHTTP2_NO_ERROR), DISCARD_MAX_MS);
      response.stream.once("close", () => clearTimeout(timer));
    });
  }
  // Node fails on a body that comes after the headers have ended the answer.
  await send(response, request.method === "HEAD" ? withoutBody(answered) : answered);
}

function withoutBody({ status, header }: UniversalResponse): UniversalResponse {
  return { status, ...(header && { header }) };
}

async function answer(
  route: Route | undefined,
  arrival: Arrival,
  response: NodeResponse,
  onRefused: OnRefused,
): Promise<UniversalResponse> {
  const { request, headersBytes } = arrival;
  const refuse = (error: ConnectError) => {
    onRefused(error);
    return refusal(request.headers["content-type"] ?? "", error);
  };
  if (headersBytes > HEADERS_MAX_BYTES) {
    return refuse(headersTooLarge());
  }
  arrival.take(CALL_BYTES + headersBytes);
  if (arrival.refused !== undefined) {
    return refuse(arrival.refused);
  }
  if (route === undefined) {
    return refuse(noSuchMethod());
  }
  const received = receivedFrom(request, response);
  return received === undefined
    ? refuse(unreadableHost())
    : withChoice(await route({ ...received, ...arrival.read(received.signal) }));
}

/** Undefined where the host that the request names makes no URL. */
function receivedFrom(request: NodeRequest, response: NodeResponse): UniversalRequest | undefined {
  try {
    return universalRequestFromNodeRequest(request, response, undefined, undefined);
  } catch {
    return undefined;
  }
}

/** What would have been taken in place of what was refused, by the status. Source: RFC 9110, 15.5.6 and 15.5.16 */
const CHOICES: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  405: { allow: "POST" },
  415: { "accept-post": "application/json, application/proto, application/grpc-web, application/grpc" },
};

function withChoice(answered: UniversalResponse): UniversalResponse {
  const choice = CHOICES[answered.status];
  return choice === undefined
    ? answered
    : { ...answered, header: new Headers([...(answered.header ?? []), ...Object.entries(choice)]) };
}

/** Ends an answer that its caller does not take. */
function endInTime(response: NodeResponse, maxMs: number): void {
  const timer = setTimeout(() => abandon(response), maxMs);
  response.once("close", () => clearTimeout(timer));
}

async function send(response: NodeResponse, answered: UniversalResponse): Promise<void> {
  if ("stream" in response && answered.body === undefined && answered.trailer === undefined) {
    // In one frame, by which clients of gRPC know that nothing else was told.
    const headers = Object.fromEntries(answered.header ?? []);
    response.stream.respond({ ":status": answered.status, ...headers }, { endStream: true });
    return;
  }
  await universalResponseToNodeResponse(answered, response);
}

/** Ends a call that can't be answered, and no other on its connection. */
function abandon(response: NodeResponse): void {
  if ("stream" in response) {
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  } else {
    response.destroy();
  }
}

function ignore(): void {}
