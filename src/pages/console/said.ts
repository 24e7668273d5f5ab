import type { AppInstanceUserEndpointSummary } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Refusal } from "../shared/api/connect.ts";

/** What a person calls an endpoint by. */
export function nameOf({ name, endpointId }: Pick<AppInstanceUserEndpointSummary, "name" | "endpointId">): string {
  return name || `Endpoint ${endpointId}`;
}

export function refused(what: string, { reason, message }: Refusal): string {
  return `${what}: ${reason}. ${message}`;
}
