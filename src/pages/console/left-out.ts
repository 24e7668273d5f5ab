import {
  AllowMessages,
  type AppInstanceUserEndpointSummary,
  EndpointStatus,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";

/** Why a sender does not get an endpoint. */
export type LeftOut = "inactive" | "muted" | "of another application" | "stale";

/** Every reason why this endpoint is not among those that a sender is answered; none where it is. */
export function leftOutFor(
  { endpointId, endpointState, allowMessages }: AppInstanceUserEndpointSummary,
  { answered, deliverable }: { readonly answered: Ids; readonly deliverable: Ids },
): readonly LeftOut[] {
  const isIn = (endpoints: Ids) => endpoints.some((endpoint) => endpoint.endpointId === endpointId);
  if (isIn(answered)) {
    return [];
  }
  if (isIn(deliverable)) {
    return ["of another application"];
  }
  const seen: readonly (LeftOut | false)[] = [
    endpointState?.status === EndpointStatus.INACTIVE && "inactive",
    allowMessages === AllowMessages.NONE && "muted",
  ];
  const reasons = seen.filter((reason) => reason !== false);
  // A list does not say that one is stale, so it is what is left.
  return reasons.length > 0 ? reasons : ["stale"];
}

/** What INACTIVE means: the API has one word for a dead token and for a device that another user has. */
export function whyInactive({ moves }: { readonly moves: boolean }): string {
  return `its push service refused the token${moves ? ", or another user has the device now" : ""}`;
}

type Ids = readonly { readonly endpointId: string }[];
