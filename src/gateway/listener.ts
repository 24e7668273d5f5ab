/** Between Node's server and Connect's handlers: HTTP/1.1 and HTTP/2 alike, and nothing that a request brings can throw. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Stream } from "node:http2";
import { Readable } from "node:stream";
import type { createConnectRouter } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";

type Handler = ReturnType<typeof createConnectRouter>["handlers"][number];
export type UniversalRequest = Parameters<Handler>[0];
export type UniversalResponse = Awaited<ReturnType<Handler>>;

/** What answers calls of one method. */
export type Route = (request: UniversalRequest) => Promise<UniversalResponse>;

/** By their paths: "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint". */
export type Routes = ReadonlyMap<string, Route>;

type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** For Node's "request". */
export function listener(routes: Routes): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    // A peer that goes away in the middle of its request or our answer is no error of ours.
    request.on("error", ignore);
    response.on("error", ignore);
    if ("stream" in response) {
      closeAfter(response.stream);
    } else {
      drainAfter(request, response);
    }
    answer(routes, request, response).catch(() => abandon(response));
  };
}

/** How long a caller may go on with its request after it has its answer. The answer is out by then. */
const LINGER_MS = 1_000;

/** Ends a stream of which the caller does not end its part. */
function closeAfter(stream: ServerHttp2Stream): void {
  stream.once("finish", () => {
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS);
    stream.once("close", () => clearTimeout(timer));
  });
}

/** Drops what is left of a request by HTTP/1.1, behind which the next one on its connection comes, or hangs up. */
function drainAfter(request: NodeRequest, response: ServerResponse): void {
  response.once("finish", () => {
    if (!request.complete) {
      const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
      request.once("close", () => clearTimeout(timer)).resume();
    }
  });
}

async function answer(routes: Routes, request: NodeRequest, response: NodeResponse): Promise<void> {
  const route = routes.get(request.url?.split("?", 1)[0] ?? "");
  if (route === undefined) {
    await send(response, unimplemented(request.headers["content-type"]));
    return;
  }
  // Throws where the authority that the request names makes no URL.
  const received = universalRequestFromNodeRequest(request, response, undefined, undefined);
  await send(response, await route({ ...received, body: bodyOf(request) }));
}

/** A body that is not read to its end leaves the answer its way out: iterated as it is, Node would destroy both. */
function bodyOf(request: NodeRequest): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** Each kind of client by what it knows: gRPC's take a status in HTTP headers, all others go by the status of HTTP. */
function unimplemented(contentType = ""): UniversalResponse {
  const message = "This gateway has no such method. REST is served by the server behind it.";
  // Their clients read no other type than the one that they sent.
  const [grpc] = /^application\/grpc[\w+.-]*/i.exec(contentType) ?? [];
  if (grpc !== undefined) {
    const status = { "grpc-status": "12", "grpc-message": encodeURI(message) };
    return { status: 200, header: new Headers({ "content-type": grpc, ...status }) };
  }
  const body = [new TextEncoder().encode(JSON.stringify({ code: "unimplemented", message }))];
  return { status: 404, header: new Headers({ "content-type": "application/json" }), body: Readable.from(body) };
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
