import type { Endpoint, Row } from "../model/endpoint.ts";
import type {
  AppInstanceUserEndpoint,
  AppInstanceUserEndpointSummary,
  DescribeAppInstanceUserEndpointRequest as Request,
  DescribeAppInstanceUserEndpointResponse as Response,
} from "../model/operations.ts";
import type { Decision } from "./decision.ts";

/** Decides what to tell of one endpoint, given the row that has its id. */
export function decideDescribe(row: Row | undefined, { appInstanceUserArn }: Request): Decision<Response> {
  return row?.state === "live"
    ? { answer: { kind: "ok", response: { appInstanceUserEndpoint: describe(row, appInstanceUserArn) } } }
    : { answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" } };
}

/** What a list tells of an endpoint. */
export function summarize(
  { endpointId, name, type, allowMessages }: Endpoint,
  appInstanceUserArn: string,
): AppInstanceUserEndpointSummary {
  return {
    appInstanceUserArn,
    endpointId,
    ...(name !== undefined && { name }),
    type,
    allowMessages,
    endpointState: { status: "ACTIVE" },
  };
}

function describe(endpoint: Endpoint, appInstanceUserArn: string): AppInstanceUserEndpoint {
  const { resourceArn, deviceToken, voipDeviceToken, createdAt, lastUpdatedAt } = endpoint;
  return {
    ...summarize(endpoint, appInstanceUserArn),
    resourceArn,
    endpointAttributes: { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) },
    createdTimestamp: createdAt,
    lastUpdatedTimestamp: lastUpdatedAt,
  };
}
