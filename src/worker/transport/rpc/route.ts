/** Where the rpcs of a service are found, on Connect and gRPC-Web alike: POST /{service}/{rpc}. */
import type { Failure } from "../../model/failure.ts";
import type { Incoming } from "../incoming.ts";
import type { Rpc } from "../operations.ts";
import { unknownPath } from "../refusals/unknown-path.ts";
import type { Route } from "../wire.ts";

/** What every rpc is called by. */
const METHOD = "POST";

/** Finds a call's operation; a method that is not POST is refused by `methodRefusal`, which knows the operation. */
export function rpcRoutes(rpcs: readonly Rpc[]): (incoming: Incoming) => Route | Failure {
  const byPath = new Map(
    rpcs.map((operation) => [`/${operation.method.parent.typeName}/${operation.name}`, { operation }]),
  );
  return ({ url }) => byPath.get(url.pathname) ?? unknownPath(url);
}

export function methodRefusal({ request }: Incoming): Failure | undefined {
  return request.method === METHOD
    ? undefined
    : { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed: [METHOD] };
}
