import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
  EndpointStatusReason,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { deviceTokenAtOf } from "./confirm.ts";
import type { Decision } from "./decision.ts";

type Request = RequestOf<"describeAppInstanceUserEndpoint">;
type Response = ResponseOf<"describeAppInstanceUserEndpoint">;

/** Decides what to answer of one endpoint, given the row that has its id. */
export function decideDescribe(row: Row | undefined, { appInstanceUserArn }: Request): Decision<Response> {
  return row?.state === "live"
    ? { answer: { kind: "ok", response: { appInstanceUserEndpoint: describe(row, appInstanceUserArn) } } }
    : { answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" } };
}

/** What a list says of an endpoint. */
export function summarize(endpoint: Endpoint, appInstanceUserArn: string) {
  const { endpointId, name, type, allowMessages } = endpoint;
  return {
    appInstanceUserArn,
    endpointId,
    ...(name !== undefined && { name }),
    type: AppInstanceUserEndpointType[type],
    allowMessages: AllowMessages[allowMessages],
    endpointState: stateOf(endpoint),
  };
}

/** Whether an endpoint can be reached, and why not. */
export function stateOf({ inactiveSince }: Endpoint) {
  return inactiveSince === undefined
    ? { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED }
    : { status: EndpointStatus.INACTIVE, statusReason: EndpointStatusReason.INVALID_DEVICE_TOKEN };
}

/** A device's tokens, the second where there is one. */
export function attributesOf({ deviceToken, voipDeviceToken }: Endpoint) {
  return { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) };
}

function describe(endpoint: Endpoint, appInstanceUserArn: string) {
  const { resourceArn, createdAt, lastUpdatedAt } = endpoint;
  return {
    ...summarize(endpoint, appInstanceUserArn),
    resourceArn,
    endpointAttributes: attributesOf(endpoint),
    createdTimestamp: timestampFromMs(createdAt),
    lastUpdatedTimestamp: timestampFromMs(lastUpdatedAt),
    deviceTokenTimestamp: timestampFromMs(deviceTokenAtOf(endpoint)),
  };
}
