import { type DescMethodUnary, getOption } from "@bufbuild/protobuf";
import { http } from "../../gen/google/api/annotations_pb.ts";
import { AppInstanceUserEndpointService } from "../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { success_status } from "../../gen/rollcall/v1/options_pb.ts";

/** The service as the proto defines it: both wires are derived from this, and neither lists an operation by itself. */
export const SERVICE_NAME = AppInstanceUserEndpointService.typeName;

/** One rpc of the service. */
export interface Operation {
  readonly method: DescMethodUnary;
  /** AWS's name: "RegisterAppInstanceUserEndpoint". */
  readonly name: string;
  /** The name of the method on the user's object: "registerAppInstanceUserEndpoint". */
  readonly objectMethod: string;
  /** The REST route, from google.api.http. */
  readonly route: Route;
  /** The HTTP status of success on REST. */
  readonly successStatus: number;
}

export interface Route {
  /** "POST" */
  readonly verb: string;
  /** "/app-instance-users/{app_instance_user_arn}/endpoints" */
  readonly path: string;
  /** Whether what the path does not hold comes in a body; otherwise in the query. */
  readonly hasBody: boolean;
}

export const OPERATIONS: readonly Operation[] = Object.values(AppInstanceUserEndpointService.method).map(operationFrom);

function operationFrom(method: DescMethodUnary): Operation {
  return {
    method,
    name: method.name,
    objectMethod: method.localName,
    route: routeOf(method),
    successStatus: getOption(method, success_status) || 200,
  };
}

function routeOf(method: DescMethodUnary): Route {
  const { pattern, body } = getOption(method, http);
  if (pattern.case === undefined) {
    throw new TypeError(`${method} has no google.api.http option`);
  }
  return { verb: pattern.case.toUpperCase(), path: pattern.value, hasBody: body !== "" };
}
