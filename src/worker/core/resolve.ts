import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AppInstanceUserEndpointType } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { deviceTokenAtOf, isStale } from "./confirm.ts";
import type { Decision } from "./decision.ts";
import { attributesOf } from "./describe.ts";
import { isLive } from "./tombstone.ts";

type Request = RequestOf<"resolveAppInstanceUserEndpoints">;
type Response = ResponseOf<"resolveAppInstanceUserEndpoints">;

/** Decides which endpoints of one user may be woken, given all of the user's rows. The request names that user alone. */
export function decideResolve(
  rows: readonly Row[],
  { appInstanceUserArns, resourceArn }: Request,
  { now, staleAfterMs }: { now: number; staleAfterMs: number },
): Decision<Response> {
  const endpoints = rows
    .filter(isLive)
    .filter((endpoint) => isDeliverable(endpoint) && !isStale(endpoint, staleAfterMs, now))
    .filter((endpoint) => resourceArn === undefined || endpoint.resourceArn === resourceArn)
    .map(deliverable);
  const users = appInstanceUserArns.map((appInstanceUserArn) => ({ appInstanceUserArn, endpoints }));
  return { answer: { kind: "ok", response: { users, errors: [] } } };
}

function isDeliverable({ inactiveSince, allowMessages }: Endpoint): boolean {
  return inactiveSince === undefined && allowMessages === "ALL";
}

function deliverable(endpoint: Endpoint) {
  const { endpointId, type, resourceArn } = endpoint;
  return {
    endpointId,
    type: AppInstanceUserEndpointType[type],
    resourceArn,
    endpointAttributes: attributesOf(endpoint),
    deviceTokenTimestamp: timestampFromMs(deviceTokenAtOf(endpoint)),
  };
}
