import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { ENDPOINTS_PER_USER_DEFAULT } from "../../model/limits.ts";
import { exampleIn } from "../messages/example.ts";
import { RETRY_AFTER_MS, type Refusals } from "./refusal.ts";

const { method: RPC } = AppInstanceUserEndpointService;
const REGISTER = [RPC.registerAppInstanceUserEndpoint.name];
const LIST = [RPC.listAppInstanceUserEndpoints.name, RPC.listEndpointsByAppInstance.name];
const ONE_ENDPOINT = [RPC.describeAppInstanceUserEndpoint.name, RPC.updateAppInstanceUserEndpoint.name];
/** Those that name a device. */
const NAMING = [RPC.registerAppInstanceUserEndpoint.name, RPC.updateAppInstanceUserEndpoint.name];
/** Those of which the Directory hears. */
const TOLD = [...NAMING, RPC.deregisterAppInstanceUserEndpoint.name, RPC.deleteAppInstanceUser.name];
const OF_DIRECTORY = [RPC.lookupAppInstanceUserEndpoints.name, RPC.listEndpointsByAppInstance.name];

const ENDPOINT_ID = exampleIn(RPC.describeAppInstanceUserEndpoint.input.field.endpointId) ?? "";

/** Of users, and of who has a device: by the user's object, or in its place. */
export const OF_USERS = {
  TOO_MANY_USERS: {
    by: "worker",
    example: { kind: "unavailable", reason: "TOO_MANY_USERS", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `This server is serving as many users as it can at the moment. Try again in ${retryAfterMs} ms.`,
  },
  USER_OVERLOADED: {
    by: "worker",
    example: { kind: "unavailable", reason: "USER_OVERLOADED", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) => `Too many calls are waiting for this user. Try again in ${retryAfterMs} ms.`,
  },
  USER_UNREACHABLE: {
    by: "worker",
    example: { kind: "unavailable", reason: "USER_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `The user's endpoints can't be reached at the moment. Try again in ${retryAfterMs} ms, with the same request token.`,
  },
  STORAGE_FAILED: {
    by: "object",
    example: { kind: "unavailable", reason: "STORAGE_FAILED", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `The user's endpoints can't be read or written at the moment. Try again in ${retryAfterMs} ms, with the same request token.`,
  },
  VERSION_MISMATCH: {
    by: "object",
    example: { kind: "unavailable", reason: "VERSION_MISMATCH", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `A new version is being deployed. Try again in ${retryAfterMs} ms, with the same request token.`,
  },
  OPERATION_RATE_EXCEEDED: {
    by: "object",
    example: { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 100 },
    explain: ({ retryAfterMs }) => `Too many calls of this operation for this user. Try again in ${retryAfterMs} ms.`,
  },
  NEXT_TOKEN_INVALID: {
    by: "object",
    operations: LIST,
    example: { kind: "invalid", reason: "NEXT_TOKEN_INVALID" },
    explain: () => "The next token is not one that this list returned. List again without it.",
  },
  ENDPOINT_NOT_FOUND: {
    by: "object",
    operations: ONE_ENDPOINT,
    example: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" },
    explain: () => "The user has no endpoint with this id. List the user's endpoints to see which there are.",
  },
  ENDPOINT_DEREGISTERED: {
    by: "object",
    operations: REGISTER,
    example: { kind: "conflict", reason: "ENDPOINT_DEREGISTERED", endpointId: ENDPOINT_ID },
    explain: ({ endpointId }) =>
      `This request token registered endpoint ${endpointId}, which was deregistered since. To register the device again, use a new token.`,
  },
  REQUEST_TOKEN_REUSED: {
    by: "object",
    operations: REGISTER,
    example: { kind: "conflict", reason: "REQUEST_TOKEN_REUSED", endpointId: ENDPOINT_ID },
    explain: ({ endpointId }) =>
      `This request token has registered endpoint ${endpointId} with other input. Use a new token for a new registration.`,
  },
  DEVICE_ALREADY_REGISTERED: {
    by: "object",
    operations: [...REGISTER, RPC.updateAppInstanceUserEndpoint.name],
    example: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: ENDPOINT_ID },
    explain: ({ endpointId }) =>
      `The device is registered for this user as endpoint ${endpointId}. Use that endpoint, or deregister it first.`,
  },
  ENDPOINT_LIMIT_EXCEEDED: {
    by: "object",
    operations: REGISTER,
    example: { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: ENDPOINTS_PER_USER_DEFAULT },
    explain: ({ limit }) =>
      `The user has as many endpoints as are allowed: ${limit}. Deregister one that is no longer used.`,
  },
  TOO_MANY_DEREGISTRATIONS: {
    by: "object",
    operations: REGISTER,
    example: { kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 3_600_000 },
    explain: ({ retryAfterMs }) =>
      `Too many endpoints of this user were deregistered within a day. Try again in ${retryAfterMs} ms.`,
  },
  TOO_MANY_DEVICES: {
    by: "object",
    operations: NAMING,
    example: { kind: "throttled", reason: "TOO_MANY_DEVICES", retryAfterMs: 3_600_000 },
    explain: ({ retryAfterMs }) =>
      `The user was given too many new devices within a day. Try again in ${retryAfterMs} ms.`,
  },
  DIRECTORY_UNREACHABLE: {
    by: "worker",
    operations: TOLD,
    example: { kind: "unavailable", reason: "DIRECTORY_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `The Directory of devices can't be reached at the moment. The change is made, if the call asks for one; to complete it, call again in ${retryAfterMs} ms, with the same request token.`,
  },
  DIRECTORY_NOT_CONFIGURED: {
    by: "worker",
    operations: OF_DIRECTORY,
    example: { kind: "not_configured", reason: "DIRECTORY_NOT_CONFIGURED" },
    explain: () => "This server keeps no Directory of devices. Set DEVICES, in its configuration, to have one.",
  },
  INTERNAL: {
    by: "worker",
    example: { kind: "internal", reason: "INTERNAL" },
    explain: () =>
      "Something went wrong on the server. Try again with the same request token; if it persists, report the request id.",
  },
} satisfies Partial<Refusals>;
