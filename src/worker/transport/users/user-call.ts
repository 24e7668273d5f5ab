import { createHash } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { UserRequest, UserRpc } from "../../model/user-rpcs.ts";
import type { Rpc } from "../operations.ts";

/** A call of one rpc of one user's object. */
export interface UserCall {
  readonly rpc: UserRpc;
  readonly request: UserRequest;
}

/** The call that an operation comes to, with a request that keeps its constraints. Throws TypeError if it is about no user. */
export function userCall({ method }: Rpc, request: Message): UserCall {
  const rpc = method.localName;
  if (!isUserRpc(rpc) || !isUserRequest(request)) {
    throw new TypeError(`${method} is about no user`);
  }
  return { rpc, request };
}

function isUserRpc(name: string): name is UserRpc {
  return name in AppInstanceUserEndpointService.method;
}

function isUserRequest(request: Message): request is UserRequest {
  return "appInstanceUserArn" in request;
}

/**
 * The user's object is named by a hash of the ARN as it was sent: names appear in dashboards and logs, ARNs must not,
 * and an object whose name is longer than 1,024 bytes does not know it.
 */
export function objectName(arn: string): string {
  return createHash("sha256").update(arn).digest("hex");
}
