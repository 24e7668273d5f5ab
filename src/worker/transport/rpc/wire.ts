/** What Connect and gRPC-Web have in common: their rpcs stand at the same paths, and are called by the same method. */
import type { Failure } from "../../model/failure.ts";
import type { Reply } from "../http/respond.ts";
import type { Incoming } from "../incoming.ts";
import type { Call, Route, Wire } from "../wire.ts";
import type { Codecs } from "./codec.ts";
import type { RpcError } from "./errors.ts";
import { methodRefusal, rpcRoutes } from "./route.ts";
import type { RpcService } from "./service.ts";

/** What each of the two does in its own way. */
interface Framing {
  readonly name: Wire["name"];
  call(route: Route, incoming: Incoming, codecs: Codecs): Call | Failure;
  errorReply(error: RpcError, failure: Failure, incoming: Incoming): Reply;
}

export function rpcWire({ name, call, errorReply }: Framing, { rpcs, codecs, errorOf }: RpcService): Wire {
  return {
    name,
    route: rpcRoutes(rpcs),
    call: (route, incoming) => methodRefusal(incoming) ?? call(route, incoming, codecs),
    refusal: (failure, incoming) => errorReply(errorOf(failure), failure, incoming),
  };
}
