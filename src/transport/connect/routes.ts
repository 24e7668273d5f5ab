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
import type { Failure } from "../../model/failure.ts";
import type { Incoming } from "../incoming.ts";
import { OPERATIONS } from "../messages/service.ts";
import { perform, type Service } from "../operations.ts";
import type { RequestEvent } from "../request-event.ts";
import { commonHeaders, respondJson } from "../respond.ts";
import { connectError } from "./errors.ts";
import { headerRefusal, headersOfEmptyMessage } from "./headers.ts";
import { decodeBody, emptyBody, framingOf } from "./request.ts";

/** Serves a request to a path of the service. */
export type ConnectWire = (incoming: Incoming) => Promise<Response>;

const incomingKey = createContextKey<Incoming | undefined>(undefined);

export function connectWire(service: Service): ConnectWire {
  // The runtime speaks HTTP/1.1 only and sends no trailers: gRPC would end without a status.
  const router = createConnectRouter({ grpc: false });
  for (const operation of OPERATIONS) {
    const { method } = operation;
    router.rpc(method, async (_, { values, signal }) => {
      const incoming = values.get(incomingKey) as Incoming;
      const { request, event } = incoming;
      const decode = (body: Uint8Array) => decodeBody(method.input, framingOf(request.headers), body);
      const refused = headerRefusal(request.headers);
      const outcome = refused ?? (await perform({ operation, incoming, decode, signal }, service));
      event.outcome = outcome;
      if (outcome.kind === "ok") {
        return outcome.response;
      }
      throw connectError(outcome);
    });
  }
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return async (incoming) => {
    const { request, url, event } = incoming;
    event.wire = framingOf(request.headers).enveloped ? "grpc-web" : "connect";
    const handler = handlers.get(url.pathname);
    if (handler === undefined) {
      event.outcome = UNKNOWN_OPERATION;
      return unknownRpc(event);
    }
    event.operation = handler.method.name;
    return serve(handler, incoming);
  };
}

type Handler = ReturnType<typeof createConnectRouter>["handlers"][number];

async function serve(handler: Handler, incoming: Incoming): Promise<Response> {
  const { request, event } = incoming;
  const response = await handler({
    httpVersion: "1.1",
    method: request.method,
    url: request.url,
    header: headersOfEmptyMessage(request.headers),
    body: emptyBody(framingOf(request.headers)),
    signal: request.signal,
    contextValues: createContextValues().set(incomingKey, incoming),
  });
  // Connect refuses other methods and types by itself, with an empty body.
  event.outcome ??=
    response.status === 405
      ? { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED" }
      : { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE" };
  nameEncoding(request.headers, response.header);
  const header = response.header ?? new Headers();
  for (const [name, value] of Object.entries(commonHeaders(event))) {
    header.set(name, value);
  }
  return universalServerResponseToFetch({ ...response, header });
}

/** Below this compressing costs more than it saves; Connect draws its line at the same size. */
const COMPRESS_MIN_BYTES = 1_024;

/** Names the encoding of a long answer and leaves encoding it to the runtime, which goes by the name: what Connect compressed would be compressed twice. */
function nameEncoding(request: Headers, response: Headers | undefined): void {
  const isLong = Number(response?.get("content-length")) >= COMPRESS_MIN_BYTES;
  if (isLong && /\bgzip\b/.test(request.get("accept-encoding") ?? "")) {
    response?.set("content-encoding", "gzip");
    response?.delete("content-length");
  }
}

const UNKNOWN_OPERATION: Failure = { kind: "unknown_operation", reason: "UNKNOWN_OPERATION" };

/** As Connect tells it, under the status by which clients of gRPC-Web know it too. */
function unknownRpc(event: RequestEvent): Response {
  return respondJson(event, { status: 404, body: errorToJson(connectError(UNKNOWN_OPERATION), undefined) });
}
