/** The Worker of the conformance suite: Rollcall's wires, with the suite's service in the place of Rollcall's. */
import { DurableObject } from "cloudflare:workers";
import { ServedBy } from "../../src/gen/rollcall/v1/options_pb.ts";
import { trailerHeaders } from "../../src/worker/transport/connect/response.ts";
import { connectWire } from "../../src/worker/transport/connect/wire.ts";
import { grpcWebWire, isGrpcWeb } from "../../src/worker/transport/grpc-web/wire.ts";
import { readBody } from "../../src/worker/transport/http/body.ts";
import { readHead } from "../../src/worker/transport/http/head.ts";
import type { RpcService } from "../../src/worker/transport/rpc/service.ts";
import { serve } from "../../src/worker/transport/serve.ts";
import { CODECS, METHODS } from "./messages.ts";
import { errorOf, perform } from "./service.ts";

const SERVICE: RpcService = {
  rpcs: METHODS.map((method) => ({ method, name: method.name, servedBy: ServedBy.UNSPECIFIED })),
  codecs: CODECS,
  errorOf,
};

const GRPC_WEB = grpcWebWire(SERVICE);

/** Here trailers are headers. */
const CONNECT = connectWire({
  ...SERVICE,
  errorOf: (failure) => {
    const error = errorOf(failure);
    return { ...error, metadata: trailerHeaders(error.metadata) };
  },
});

export default {
  async fetch(request: Request): Promise<Response> {
    const event = { requestId: crypto.randomUUID() };
    const receivedAt = Date.now();
    const [url, head, body] = [new URL(request.url), readHead(request.headers), await readBody(request)];
    const headers = new Headers();
    const wire = isGrpcWeb(head.contentType) ? GRPC_WEB : CONNECT;
    const incoming = { request, url, head, body, receivedAt, event };
    const response = await serve(wire, incoming, (call, received) => perform(call, received, headers));
    for (const [name, value] of headers) {
      response.headers.append(name, value);
    }
    return response;
  },
};

/** Objects, which the suite has no use for: workerd is configured with the classes. */
export class AppInstanceUser extends DurableObject {}
export class Directory extends DurableObject {}
