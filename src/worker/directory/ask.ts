import type { Failure } from "../model/failure.ts";
import type { DirectoryRpc, RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { listByAppInstance } from "./list.ts";
import { type Enter, lookUp, type MayKnow } from "./lookup.ts";
import type { Told } from "./tell.ts";

/** Any request about an app instance. */
export type DirectoryRequest = RequestOf<DirectoryRpc>;

/** Asks the Directory what a request asks for. Throws what the runtime threw where an object could not be reached. */
export function askDirectory(
  objects: Told,
  request: DirectoryRequest,
  asked: { mayKnow: MayKnow; enter: Enter },
): Promise<ResponseOf<DirectoryRpc> | Failure> {
  switch (request.$typeName) {
    case "rollcall.v1.LookupAppInstanceUserEndpointsRequest":
      return lookUp(objects, request, asked);
    case "rollcall.v1.ListEndpointsByAppInstanceRequest":
      return listByAppInstance(objects, request, asked.mayKnow);
  }
}
