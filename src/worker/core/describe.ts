import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
  EndpointStatusReason,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
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
export function summarize({ endpointId, name, type, allowMessages }: Endpoint, appInstanceUserArn: string) {
  return {
    appInstanceUserArn,
    endpointId,
    ...(name !== undefined && { name }),
    type: AppInstanceUserEndpointType[type],
    allowMessages: AllowMessages[allowMessages],
    endpointState: { status: EndpointStatus.ACTIVE, statusReason: EndpointStatusReason.UNSPECIFIED },
  };
}

function describe(endpoint: Endpoint, appInstanceUserArn: string) {
  const { resourceArn, deviceToken, voipDeviceToken, createdAt, lastUpdatedAt } = endpoint;
  return {
    ...summarize(endpoint, appInstanceUserArn),
    resourceArn,
    endpointAttributes: { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) },
    createdTimestamp: timestampFromMs(createdAt),
    lastUpdatedTimestamp: timestampFromMs(lastUpdatedAt),
  };
}
