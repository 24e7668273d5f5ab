import { type DescMethodUnary, getOption } from "@bufbuild/protobuf";
import { http } from "../../gen/google/api/annotations_pb.ts";
import { AppInstanceUserEndpointService } from "../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { type ServedBy, served_by, success_status } from "../../gen/rollcall/v1/options_pb.ts";

/** One rpc of a service: all that Connect, gRPC-Web and gRPC know of it. */
export interface Rpc {
  readonly method: DescMethodUnary;
  /** "RegisterAppInstanceUserEndpoint", which is AWS's name of it too. */
  readonly name: string;
  /** Whose objects answer it. */
  readonly servedBy: ServedBy;
}

/** One rpc of ours, which REST serves as well. */
export interface Operation extends Rpc {
  /** The REST route, from google.api.http. */
  readonly route: RestRoute;
  /** The HTTP status of success on REST. */
  readonly successStatus: number;
}

export interface RestRoute {
  /** "POST" */
  readonly verb: string;
  /** "/app-instance-users/{app_instance_user_arn}/endpoints" */
  readonly path: string;
  /** Whether what the path does not hold comes in a body; otherwise in the query. */
  readonly hasBody: boolean;
}

export const SERVICE_NAME = AppInstanceUserEndpointService.typeName;

/**
 * The service as the proto defines it: every wire is derived from this, and none lists an operation by itself. Options are read
 * here, once: reading one takes longer than all that a call decides by it.
 */
export const OPERATIONS: readonly Operation[] = Object.values(AppInstanceUserEndpointService.method).map((method) => ({
  method,
  name: method.name,
  servedBy: getOption(method, served_by),
  route: restRouteOf(method),
  successStatus: getOption(method, success_status) || 200,
}));

/** The first words of the routes, under which REST answers whatever is asked: "/app-instance-users/". */
export const ROOTS: readonly string[] = [
  ...new Set(OPERATIONS.map(({ route }) => `${route.path}/`.replace(/^(\/[^/]+\/).*$/, "$1"))),
];

function restRouteOf(method: DescMethodUnary): RestRoute {
  const { pattern, body } = getOption(method, http);
  if (pattern.case === undefined) {
    throw new TypeError(`${method} has no google.api.http option`);
  }
  return { verb: pattern.case.toUpperCase(), path: pattern.value, hasBody: body !== "" };
}
