/** A line of an export: an endpoint, as AWS's CLI prints what DescribeAppInstanceUserEndpoint answers. */
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import {
  AllowMessages,
  type AppInstanceUserEndpoint,
  AppInstanceUserEndpointType,
  EndpointStatus,
  EndpointStatusReason,
} from "../client/index.ts";

export function lineOf(endpoint: AppInstanceUserEndpoint): string {
  const { endpointAttributes: attributes, endpointState: state } = endpoint;
  // JSON leaves out what is undefined.
  return `${JSON.stringify({
    AppInstanceUserArn: endpoint.appInstanceUserArn,
    EndpointId: endpoint.endpointId,
    Name: endpoint.name,
    Type: AppInstanceUserEndpointType[endpoint.type],
    ResourceArn: endpoint.resourceArn,
    EndpointAttributes: { DeviceToken: attributes?.deviceToken, VoipDeviceToken: attributes?.voipDeviceToken },
    AllowMessages: AllowMessages[endpoint.allowMessages],
    EndpointState: {
      Status: EndpointStatus[state?.status ?? EndpointStatus.ACTIVE],
      StatusReason: state?.statusReason ? EndpointStatusReason[state.statusReason] : undefined,
    },
    CreatedTimestamp: isoOf(endpoint.createdTimestamp),
    LastUpdatedTimestamp: isoOf(endpoint.lastUpdatedTimestamp),
    DeviceTokenTimestamp: isoOf(endpoint.deviceTokenTimestamp),
  })}\n`;
}

function isoOf(timestamp: Timestamp | undefined): string | undefined {
  return timestamp && timestampDate(timestamp).toISOString();
}
