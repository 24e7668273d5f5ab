/** What a phone asks of the register, through a real client of either wire; what it is answered is put in the same words. */
import {
  BadRequestException,
  ConflictException,
  DeregisterAppInstanceUserEndpointCommand,
  DescribeAppInstanceUserEndpointCommand,
  ListAppInstanceUserEndpointsCommand,
  NotFoundException,
  RegisterAppInstanceUserEndpointCommand,
  ResourceLimitExceededException,
  UpdateAppInstanceUserEndpointCommand,
} from "@aws-sdk/client-chime-sdk-identity";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import {
  AllowMessages,
  AppInstanceUserEndpointType,
  EndpointStatus,
} from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { awsClient, connectClient } from "./clients.ts";
import { RESOURCE_ARN } from "./requests.ts";

export interface Registration {
  readonly deviceToken: string;
  readonly voipDeviceToken?: string;
  readonly requestToken: string;
  readonly name?: string;
}

export interface Listed {
  readonly user: string | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly allowMessages: string | undefined;
  readonly status: string | undefined;
}

export interface Described extends Listed {
  readonly resource: string | undefined;
  readonly deviceToken: string | undefined;
  readonly voipDeviceToken: string | undefined;
  readonly created: Date | undefined;
  readonly lastUpdated: Date | undefined;
}

/** A phone of one user, on which APNS delivers. */
export interface Phone {
  /** Answers the endpoint's id. */
  register(registration: Registration): Promise<string>;
  describe(id: string): Promise<Described>;
  list(page?: {
    max?: number;
    token?: string | undefined;
  }): Promise<{ endpoints: Listed[]; token: string | undefined }>;
  update(id: string, changes: { name?: string; allowMessages?: "ALL" | "NONE" }): Promise<string | undefined>;
  deregister(id: string): Promise<void>;
  /** The kind of a refusal that the client raised. */
  kindOf(error: unknown): string | undefined;
}

export function awsPhone(url: string, user: string): Phone {
  const client = awsClient(url);
  const AppInstanceUserArn = user;
  return {
    async register({ deviceToken, voipDeviceToken, requestToken, name }) {
      const { EndpointId } = await client.send(
        new RegisterAppInstanceUserEndpointCommand({
          AppInstanceUserArn,
          Type: "APNS",
          ResourceArn: RESOURCE_ARN,
          EndpointAttributes: { DeviceToken: deviceToken, VoipDeviceToken: voipDeviceToken },
          ClientRequestToken: requestToken,
          Name: name,
        }),
      );
      return EndpointId ?? "";
    },
    async describe(EndpointId) {
      const command = new DescribeAppInstanceUserEndpointCommand({ AppInstanceUserArn, EndpointId });
      const { AppInstanceUserEndpoint: endpoint } = await client.send(command);
      return {
        ...awsListed(endpoint),
        resource: endpoint?.ResourceArn,
        deviceToken: endpoint?.EndpointAttributes?.DeviceToken,
        voipDeviceToken: endpoint?.EndpointAttributes?.VoipDeviceToken,
        created: endpoint?.CreatedTimestamp,
        lastUpdated: endpoint?.LastUpdatedTimestamp,
      };
    },
    async list({ max, token } = {}) {
      const { AppInstanceUserEndpoints = [], NextToken } = await client.send(
        new ListAppInstanceUserEndpointsCommand({ AppInstanceUserArn, MaxResults: max, NextToken: token }),
      );
      return { endpoints: AppInstanceUserEndpoints.map(awsListed), token: NextToken };
    },
    async update(EndpointId, { name, allowMessages }) {
      const answer = await client.send(
        new UpdateAppInstanceUserEndpointCommand({
          AppInstanceUserArn,
          EndpointId,
          Name: name,
          AllowMessages: allowMessages,
        }),
      );
      return answer.EndpointId;
    },
    async deregister(EndpointId) {
      await client.send(new DeregisterAppInstanceUserEndpointCommand({ AppInstanceUserArn, EndpointId }));
    },
    kindOf(error) {
      const kinds = {
        invalid: BadRequestException,
        conflict: ConflictException,
        limit_exceeded: ResourceLimitExceededException,
        not_found: NotFoundException,
      };
      return Object.entries(kinds).find(([, exception]) => error instanceof exception)?.[0];
    },
  };
}

interface AwsSummary {
  AppInstanceUserArn?: string | undefined;
  EndpointId?: string | undefined;
  Name?: string | undefined;
  Type?: string | undefined;
  AllowMessages?: string | undefined;
  EndpointState?: { Status: string | undefined } | undefined;
}

function awsListed(endpoint: AwsSummary | undefined): Listed {
  return {
    user: endpoint?.AppInstanceUserArn,
    id: endpoint?.EndpointId,
    name: endpoint?.Name,
    type: endpoint?.Type,
    allowMessages: endpoint?.AllowMessages,
    status: endpoint?.EndpointState?.Status,
  };
}

export function connectPhone(transport: Transport, user: string): Phone {
  const client = connectClient(transport);
  const appInstanceUserArn = user;
  return {
    async register({ deviceToken, voipDeviceToken, requestToken, name }) {
      const { endpointId } = await client.registerAppInstanceUserEndpoint({
        appInstanceUserArn,
        type: AppInstanceUserEndpointType.APNS,
        resourceArn: RESOURCE_ARN,
        endpointAttributes: { deviceToken, ...(voipDeviceToken !== undefined && { voipDeviceToken }) },
        clientRequestToken: requestToken,
        ...(name !== undefined && { name }),
      });
      return endpointId;
    },
    async describe(endpointId) {
      const response = await client.describeAppInstanceUserEndpoint({ appInstanceUserArn, endpointId });
      const endpoint = response.appInstanceUserEndpoint;
      return {
        ...connectListed(endpoint),
        resource: endpoint?.resourceArn,
        deviceToken: endpoint?.endpointAttributes?.deviceToken,
        voipDeviceToken: endpoint?.endpointAttributes?.voipDeviceToken,
        created: endpoint?.createdTimestamp && timestampDate(endpoint.createdTimestamp),
        lastUpdated: endpoint?.lastUpdatedTimestamp && timestampDate(endpoint.lastUpdatedTimestamp),
      };
    },
    async list({ max, token } = {}) {
      const { appInstanceUserEndpoints, nextToken } = await client.listAppInstanceUserEndpoints({
        appInstanceUserArn,
        ...(max !== undefined && { maxResults: max }),
        ...(token !== undefined && { nextToken: token }),
      });
      return { endpoints: appInstanceUserEndpoints.map(connectListed), token: nextToken || undefined };
    },
    async update(endpointId, { name, allowMessages }) {
      const answer = await client.updateAppInstanceUserEndpoint({
        appInstanceUserArn,
        endpointId,
        ...(name !== undefined && { name }),
        ...(allowMessages !== undefined && { allowMessages: AllowMessages[allowMessages] }),
      });
      return answer.endpointId;
    },
    async deregister(endpointId) {
      await client.deregisterAppInstanceUserEndpoint({ appInstanceUserArn, endpointId });
    },
    kindOf(error) {
      const kinds: Partial<Record<Code, string>> = {
        [Code.InvalidArgument]: "invalid",
        [Code.AlreadyExists]: "conflict",
        [Code.FailedPrecondition]: "limit_exceeded",
        [Code.NotFound]: "not_found",
      };
      return kinds[ConnectError.from(error).code];
    },
  };
}

interface ConnectSummary {
  appInstanceUserArn: string;
  endpointId: string;
  name?: string | undefined;
  type: AppInstanceUserEndpointType;
  allowMessages: AllowMessages;
  endpointState?: { status: EndpointStatus } | undefined;
}

function nameIn(values: Readonly<Record<string, number>>, value: number): string | undefined {
  return Object.keys(values).find((name) => values[name] === value);
}

function connectListed(endpoint: ConnectSummary | undefined): Listed {
  return {
    user: endpoint?.appInstanceUserArn,
    id: endpoint?.endpointId,
    name: endpoint?.name,
    type: endpoint && nameIn(AppInstanceUserEndpointType, endpoint.type),
    allowMessages: endpoint && nameIn(AllowMessages, endpoint.allowMessages),
    status: endpoint?.endpointState && nameIn(EndpointStatus, endpoint.endpointState.status),
  };
}
