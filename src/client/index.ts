/** The client of Rollcall, the register of push endpoints. README.md has examples. */
export { createRollcallClient, type RollcallClient, type RollcallClientOptions } from "./client.ts";
export type { AwsCredentials, Credentials, CredentialsProvider } from "./credentials.ts";
export {
  type ConflictReason,
  type Reason,
  RollcallError,
  type RollcallFailure,
  type ThrottledReason,
  type UnauthenticatedReason,
  type UnavailableReason,
  type Violation,
} from "./failure.ts";
export {
  AllowMessages,
  type AppInstanceUserEndpoint,
  type AppInstanceUserEndpointSummary,
  AppInstanceUserEndpointType,
  type EndpointAttributes,
  type EndpointState,
  EndpointStatus,
  EndpointStatusReason,
} from "./gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
export {
  type Device,
  type Launch,
  type LaunchClient,
  type RegisteredDevice,
  registerAtLaunch,
} from "./launch.ts";
export { deregisterAtSignOut, type SignOutClient } from "./sign-out.ts";
