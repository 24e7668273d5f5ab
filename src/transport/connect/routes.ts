/** The Connect and gRPC-Web wires. */
import type { Incoming } from "../incoming.ts";
import { OPERATIONS, SERVICE_NAME } from "../messages/service.ts";
import type { Service } from "../operations.ts";
import { unknownPath } from "../refusals/unknown-path.ts";
import { grpcWeb } from "./grpc-web.ts";
import { framingOf } from "./request.ts";
import { answerUnary, isUnary, unaryRefusal } from "./unary.ts";

/** Serves a request to a path of the service. */
export type ConnectWire = (incoming: Incoming) => Promise<Response>;

export function connectWire(service: Service): ConnectWire {
  const answerGrpcWeb = grpcWeb(service);
  const operations = new Map(OPERATIONS.map((operation) => [`/${SERVICE_NAME}/${operation.name}`, operation]));
  return async (incoming) => {
    const { request, url, event } = incoming;
    const framing = framingOf(request.headers);
    event.wire = framing.enveloped ? "grpc-web" : "connect";
    const operation = operations.get(url.pathname);
    if (operation === undefined) {
      // As Connect tells it, under the status by which clients of gRPC-Web know it too.
      return unaryRefusal(incoming, unknownPath(url), 404);
    }
    event.operation = operation.name;
    return isUnary(request)
      ? answerUnary(incoming, { operation, framing }, service)
      : answerGrpcWeb(incoming, { operation, framing });
  };
}
