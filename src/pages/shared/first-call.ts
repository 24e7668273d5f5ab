import { AppInstanceUserEndpointType } from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { registerCall } from "./api/call.ts";

/** Whom local mode's examples are about. */
export const EXAMPLE_ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/alice";
export const EXAMPLE_RESOURCE_ARN = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo";

/** A registration for everybody's first call. Made again, it answers the same endpoint. */
export const FIRST_CALL = registerCall({
  appInstanceUserArn: EXAMPLE_ARN,
  type: AppInstanceUserEndpointType.GCM,
  resourceArn: EXAMPLE_RESOURCE_ARN,
  endpointAttributes: { deviceToken: "a-device-token-of-the-first-call" },
  clientRequestToken: "first-call",
});
