import type { EndpointRequest, RegisterAppInstanceUserEndpointRequest } from "../../src/model/operations.ts";

/** An ARN of a user that no other test has. */
export function freshUserArn(): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/test/user/${crypto.randomUUID()}`;
}

export const RESOURCE_ARN = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/test";

/** Whom the requests are about. In tests of one object it stands for that object's user, whichever that is. */
export const USER_ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/test/user/alice";

/** The one valid registration; each test of a refusal changes one thing in it. */
export function registration(
  changes: Partial<RegisterAppInstanceUserEndpointRequest> = {},
): RegisterAppInstanceUserEndpointRequest {
  return {
    appInstanceUserArn: USER_ARN,
    type: "GCM",
    resourceArn: RESOURCE_ARN,
    endpointAttributes: { deviceToken: "device-1" },
    clientRequestToken: "request-1",
    ...changes,
  };
}

/** The registration of a user's n-th device. */
export function device(
  n: number,
  changes: Partial<RegisterAppInstanceUserEndpointRequest> = {},
): RegisterAppInstanceUserEndpointRequest {
  const endpointAttributes = { deviceToken: `device-${n}` };
  return registration({ endpointAttributes, clientRequestToken: `request-${n}`, ...changes });
}

/** The request of an operation on one endpoint of that user. */
export function of(endpointId: string): EndpointRequest {
  return { appInstanceUserArn: USER_ARN, endpointId };
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
