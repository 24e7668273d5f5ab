import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AllowMessages, AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import {
  DeleteAppInstanceUserRequestSchema as Delete,
  DeregisterAppInstanceUserEndpointRequestSchema as Deregister,
  DescribeAppInstanceUserEndpointRequestSchema as Describe,
  ListAppInstanceUserEndpointsRequestSchema as List,
  RegisterAppInstanceUserEndpointRequestSchema as Register,
  ReportAppInstanceUserEndpointFailuresRequestSchema as Report,
  ResolveAppInstanceUserEndpointsRequestSchema as Resolve,
  UpdateAppInstanceUserEndpointRequestSchema as Update,
} from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { Endpoint } from "../../src/worker/model/endpoint.ts";
import type { RequestOf } from "../../src/worker/model/user-rpcs.ts";

/** An ARN of a user that no other test has. */
export function freshUserArn(): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/test/user/${crypto.randomUUID()}`;
}

export const RESOURCE_ARN = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/test";

/** Whom the requests are about. In tests of one object it stands for that object's user, whichever that is. */
export const USER_ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/test/user/alice";

/** What a registration asks for, in the words in which it is kept. */
export interface Asked {
  readonly type: Endpoint["type"];
  readonly resourceArn: string;
  readonly endpointAttributes: { readonly deviceToken: string; readonly voipDeviceToken?: string };
  readonly clientRequestToken: string;
  readonly name?: string;
  readonly allowMessages?: Endpoint["allowMessages"];
}

/** The one valid registration; each test of a refusal changes one thing in it. */
export function asked(changes: Partial<Asked> = {}): Asked {
  return {
    type: "GCM",
    resourceArn: RESOURCE_ARN,
    endpointAttributes: { deviceToken: "device-1" },
    clientRequestToken: "request-1",
    ...changes,
  };
}

/** The same as a request. */
export function registration(changes: Partial<Asked> = {}): RequestOf<"registerAppInstanceUserEndpoint"> {
  const { type, allowMessages, endpointAttributes, ...rest } = asked(changes);
  const request = create(Register, {
    ...rest,
    appInstanceUserArn: USER_ARN,
    type: AppInstanceUserEndpointType[type],
    endpointAttributes,
    ...(allowMessages !== undefined && { allowMessages: AllowMessages[allowMessages] }),
  });
  return request as typeof request & RequestOf<"registerAppInstanceUserEndpoint">;
}

/** The registration of a user's n-th device. */
export function device(n: number, changes: Partial<Asked> = {}): RequestOf<"registerAppInstanceUserEndpoint"> {
  const endpointAttributes = { deviceToken: `device-${n}` };
  return registration({ endpointAttributes, clientRequestToken: `request-${n}`, ...changes });
}

export function describing(endpointId: string): RequestOf<"describeAppInstanceUserEndpoint"> {
  return create(Describe, { appInstanceUserArn: USER_ARN, endpointId });
}

export function deregistering(endpointId: string): RequestOf<"deregisterAppInstanceUserEndpoint"> {
  return create(Deregister, { appInstanceUserArn: USER_ARN, endpointId });
}

export function deleting(): RequestOf<"deleteAppInstanceUser"> {
  return create(Delete, { appInstanceUserArn: USER_ARN });
}

export function updating(
  endpointId: string,
  {
    name,
    allowMessages,
    endpointAttributes,
  }: Partial<Pick<Asked, "name" | "allowMessages" | "endpointAttributes">> = {},
): RequestOf<"updateAppInstanceUserEndpoint"> {
  return create(Update, {
    appInstanceUserArn: USER_ARN,
    endpointId,
    ...(name !== undefined && { name }),
    ...(allowMessages !== undefined && { allowMessages: AllowMessages[allowMessages] }),
    ...(endpointAttributes !== undefined && { endpointAttributes }),
  });
}

export function resolving(
  request: MessageInitShape<typeof Resolve> = {},
): RequestOf<"resolveAppInstanceUserEndpoints"> {
  return create(Resolve, { appInstanceUserArns: [USER_ARN], ...request });
}

/** A push that failed. */
export interface Failed {
  readonly endpointId: string;
  readonly deviceToken: string;
  readonly reason: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

export function reporting(...failures: readonly Failed[]): RequestOf<"reportAppInstanceUserEndpointFailures"> {
  const request = create(Report, {
    failures: failures.map(({ at, ...failed }) => ({
      ...failed,
      appInstanceUserArn: USER_ARN,
      timestamp: timestampFromMs(at),
    })),
  });
  return request as typeof request & RequestOf<"reportAppInstanceUserEndpointFailures">;
}

export function listing(request: MessageInitShape<typeof List> = {}): RequestOf<"listAppInstanceUserEndpoints"> {
  return create(List, { appInstanceUserArn: USER_ARN, ...request });
}

/** The same registration as AWS SDKs take it. */
export function awsRegistration(changes: Record<string, unknown> = {}) {
  return {
    AppInstanceUserArn: freshUserArn(),
    Type: "GCM" as const,
    ResourceArn: RESOURCE_ARN,
    EndpointAttributes: { DeviceToken: "device-1" },
    ClientRequestToken: "request-1",
    ...changes,
  };
}
