import type { Message } from "@bufbuild/protobuf";
import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { RequestOf, UserRequest, UserRpc } from "../../model/user-rpcs.ts";
import type { Rpc } from "../operations.ts";

/** A call of one rpc of one user's object. */
export interface UserCall {
  readonly rpc: UserRpc;
  /** The user, as the request names them. */
  readonly arn: string;
  readonly request: UserRequest;
}

/** The object's rpc that an operation is. Throws TypeError if it is none. */
export function userRpc({ method }: Rpc): UserRpc {
  const { localName } = method;
  if (!isUserRpc(localName)) {
    throw new TypeError(`${method} is no rpc of a user's object`);
  }
  return localName;
}

/** The call that an operation about one user comes to, with a request that keeps its constraints. */
export function userCall(operation: Rpc, request: Message): UserCall {
  if (!isAboutOneUser(request)) {
    throw new TypeError(`${operation.method} is not about one user`);
  }
  return { rpc: userRpc(operation), arn: request.appInstanceUserArn, request };
}

/** Whether a call names a device token: whoever may do that decides where a user's pushes go. */
export function namesToken({ request }: UserCall): boolean {
  return "endpointAttributes" in request && request.endpointAttributes !== undefined;
}

function isUserRpc(name: string): name is UserRpc {
  return name in AppInstanceUserEndpointService.method;
}

function isAboutOneUser(request: Message): request is RequestOf<"listAppInstanceUserEndpoints"> {
  return "appInstanceUserArn" in request;
}
