/**
 * The gRPC-Web protocol, by Connect's handlers: they negotiate the codec, and frame answers, errors and trailers.
 *
 * The request message is read by us, as on the other wires (see operations): Connect decodes before any code of ours
 * runs, so that callers would be refused for a malformed body before they are for missing credentials, and its errors
 * repeat values that the caller sent. Connect itself is given an empty message in the place of the one that was sent.
 */
import { createConnectRouter, createContextKey, createContextValues } from "@connectrpc/connect";
// Documented as private and outside semantic versioning, so imported in this folder only.
import { universalServerResponseToFetch } from "@connectrpc/connect/protocol";
import type { Incoming } from "../incoming.ts";
import { OPERATIONS } from "../messages/service.ts";
import type { Service } from "../operations.ts";
import { commonHeaders } from "../respond.ts";
import { connectError } from "./errors.ts";
import { headersOfEmptyMessage } from "./headers.ts";
import { emptyBody } from "./request.ts";
import { performRpc, type Rpc } from "./rpc.ts";

/** Serves a request to an operation; other methods and types are refused as Connect refuses them, with an empty body. */
export type GrpcWeb = (incoming: Incoming, rpc: Rpc) => Promise<Response>;

const performKey = createContextKey<() => ReturnType<typeof performRpc>>(() => Promise.reject());

export function grpcWeb(service: Service): GrpcWeb {
  // The runtime speaks HTTP/1.1 only and sends no trailers: gRPC would end without a status.
  const router = createConnectRouter({ grpc: false, connect: false });
  for (const { method } of OPERATIONS) {
    router.rpc(method, async (_, { values }) => {
      const outcome = await values.get(performKey)();
      if (outcome.kind === "ok") {
        return outcome.response;
      }
      throw connectError(outcome);
    });
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.method.name, handler]));
  return (incoming, rpc) => serve(handlers.get(rpc.operation.name) as Handler, incoming, rpc, service);
}

type Handler = ReturnType<typeof createConnectRouter>["handlers"][number];

/** The answer stays a stream without a length: what Cloudflare is to make gRPC of may have none. */
async function serve(handler: Handler, incoming: Incoming, rpc: Rpc, service: Service): Promise<Response> {
  const { request, event } = incoming;
  const response = await handler({
    httpVersion: "1.1",
    method: request.method,
    url: request.url,
    header: headersOfEmptyMessage(request.headers),
    body: emptyBody(rpc.framing),
    signal: request.signal,
    contextValues: createContextValues().set(performKey, () => performRpc(incoming, rpc, service)),
  });
  event.outcome ??=
    response.status === 405
      ? { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED" }
      : { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE" };
  const header = response.header ?? new Headers();
  for (const [name, value] of Object.entries(commonHeaders(event))) {
    header.set(name, value);
  }
  return universalServerResponseToFetch({ ...response, header });
}
