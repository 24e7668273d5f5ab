import type { RegisterAppInstanceUserEndpointRequest } from "../../src/model/operations.ts";

/** An ARN of a user that no other test has. */
export function freshUserArn(): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/test/user/${crypto.randomUUID()}`;
}

export const RESOURCE_ARN = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/test";

/** The one valid registration; each test of a refusal changes one thing in it. */
export function registration(
  changes: Partial<RegisterAppInstanceUserEndpointRequest> = {},
): RegisterAppInstanceUserEndpointRequest {
  return {
    appInstanceUserArn: "arn:aws:chime:us-east-1:123456789012:app-instance/test/user/alice",
    type: "GCM",
    resourceArn: RESOURCE_ARN,
    endpointAttributes: { deviceToken: "device-1" },
    clientRequestToken: "request-1",
    ...changes,
  };
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
