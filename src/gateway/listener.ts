/** Between Node's server and Connect's handlers: HTTP/1.1 and HTTP/2 alike, and nothing that a request brings can throw. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { createConnectRouter } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";

type Handler = ReturnType<typeof createConnectRouter>["handlers"][number];
export type UniversalRequest = Parameters<Handler>[0];
type UniversalResponse = Awaited<ReturnType<Handler>>;

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
    answer(routes, request, response).catch(() => abandon(response));
  };
}

async function answer(routes: Routes, request: NodeRequest, response: NodeResponse): Promise<void> {
  const route = routes.get(request.url?.split("?", 1)[0] ?? "");
  if (route === undefined) {
    sendUnimplemented(request, response);
    return;
  }
  // Throws where the authority that the request names makes no URL.
  const received = universalRequestFromNodeRequest(request, response, undefined, undefined);
  await universalResponseToNodeResponse(await route({ ...received, body: bodyOf(request) }), response);
}

/** A body that is not read to its end leaves the answer its way out: iterated as it is, Node would destroy both. */
function bodyOf(request: NodeRequest): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** Each kind of client by what it knows: gRPC's take a status in HTTP headers, all others go by the status of HTTP. */
function sendUnimplemented(request: NodeRequest, response: NodeResponse): void {
  const message = "This gateway has no such method. REST is served by the server behind it.";
  if (/^application\/grpc/i.test(request.headers["content-type"] ?? "")) {
    const status = { "grpc-status": "12", "grpc-message": encodeURIComponent(message) };
    send(response, 200, { "content-type": "application/grpc", ...status }, "");
  } else {
    send(response, 404, { "content-type": "application/json" }, JSON.stringify({ code: "unimplemented", message }));
  }
}

/** The two versions have the same methods, of which the compiler sees no common form. */
function send(response: NodeResponse, status: number, headers: Record<string, string>, body: string): void {
  (response as ServerResponse).writeHead(status, headers).end(body);
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
