/**
 * The Connect and gRPC-Web wires.
 *
 * Connect negotiates protocol and codec, keeps the deadline, and frames answers and errors. The request message is read
 * by us, as on REST (see operations): Connect decodes before any code of ours runs, so that callers would be refused for
 * a malformed body before they are for missing credentials, and its errors repeat values that the caller sent. Connect
 * itself is given an empty message in the place of the one that was sent.
 */
import { createConnectRouter, createContextKey, createContextValues } from "@connectrpc/connect";
// Documented as private and outside semantic versioning, so both are imported in this file only.
import { universalServerResponseToFetch } from "@connectrpc/connect/protocol";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { connectError } from "./connect-errors.ts";
import { decodeBody, emptyBody, framingOf } from "./connect-request.ts";
import { perform, type Service } from "./operations.ts";
import { OPERATIONS } from "./service.ts";

/** Serves a request to a path of the service. */
export type ConnectWire = (request: Request, requestId: string) => Promise<Response>;

interface Incoming {
  readonly request: Request;
  readonly requestId: string;
}

const incomingKey = createContextKey<Incoming | undefined>(undefined);

export function connectWire(service: Service): ConnectWire {
  // The runtime speaks HTTP/1.1 only and sends no trailers: gRPC would end without a status.
  const router = createConnectRouter({ grpc: false });
  for (const operation of OPERATIONS) {
    const { method } = operation;
    router.rpc(method, async (_, { values, signal }) => {
      const { request, requestId } = values.get(incomingKey) as Incoming;
      const decode = (body: Uint8Array) => decodeBody(method.input, framingOf(request.headers), body);
      const outcome = await perform({ operation, request, requestId, decode, signal }, service);
      if (outcome.kind === "ok") {
        return outcome.response;
      }
      throw connectError(outcome);
    });
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return async (request, requestId) => {
    const handler = handlers.get(new URL(request.url).pathname);
    return handler === undefined ? unknownRpc() : serve(handler, { request, requestId });
  };
}

type Handler = ReturnType<typeof createConnectRouter>["handlers"][number];

async function serve(handler: Handler, incoming: Incoming): Promise<Response> {
  const { request } = incoming;
  const response = await handler({
    httpVersion: "1.1",
    method: request.method,
    url: request.url,
    header: headersOfEmptyMessage(request.headers),
    body: yieldOnce(emptyBody(framingOf(request.headers))),
    signal: request.signal,
    contextValues: createContextValues().set(incomingKey, incoming),
  });
  return universalServerResponseToFetch(response);
}

/** As Connect tells it, under the status by which clients of gRPC-Web know it too. */
function unknownRpc(): Response {
  const error = connectError({ kind: "unknown_operation", reason: "UNKNOWN_OPERATION" });
  return Response.json(errorToJson(error, undefined), { status: 404 });
}

/** The empty message is shorter than the one that was sent, and not compressed. An encoding that we can't read stays, for Connect to refuse. */
function headersOfEmptyMessage(original: Headers): Headers {
  const headers = new Headers(original);
  headers.delete("content-length");
  for (const name of ["content-encoding", "grpc-encoding"]) {
    if (headers.get(name) === "gzip") {
      headers.delete(name);
    }
  }
  return headers;
}

async function* yieldOnce(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
