/**
 * Every reason for which a call is refused, in the order in which a call meets them: who refuses, which operations answer
 * it, an example, and what a person is told: which member, which rule, what to do. Nobody is told a value of the
 * caller's, because that could be a device token, but the host that a signature was checked for; members are named as the
 * caller's wire spells them.
 *
 * The compiler knows which reason is forgotten. A kind becomes an error of a protocol in rest/errors and rpc/errors.
 */
import { create } from "@bufbuild/protobuf";
import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { SKEW_MAX_MS } from "../../auth/sigv4/verify.ts";
import type { ConstraintsViolated, Failure, UserFailure } from "../../model/failure.ts";
import { BODY_MAX_BYTES, ENDPOINTS_PER_USER_DEFAULT } from "../../model/limits.ts";
import { violated } from "../messages/constraints.ts";
import type { Dialect } from "../messages/dialect.ts";
import { exampleIn } from "../messages/example.ts";
import { explainSignature, explainToken, explainUntimely, SIGNATURE_FAULTS } from "./explain-credentials.ts";
import { explainViolations } from "./explain-violations.ts";
import { explainUnknownPath } from "./unknown-path.ts";

export type Reason = Failure["reason"];

type FailureFor<Each extends Reason> = Failure & { readonly reason: Each };

export interface Refusal<Each extends Reason = Reason> {
  /** Who refuses: the user's object, or the Worker before it asks it. */
  readonly by: Each extends UserFailure["reason"] ? "object" : "worker";
  /** The rpcs that answer it, or `GET /credentials` alone; absent: all of them. */
  readonly operations?: readonly string[] | "with a body" | "credentials" | "none";
  /** Whether only Connect and gRPC-Web have it. */
  readonly isRpcOnly?: true;
  readonly example: FailureFor<Each>;
  explain(failure: FailureFor<Each>, dialect: Dialect): string;
}

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
const NOW = Date.UTC(2026, 10, 24, 12);
const UNTIMELY = { now: NOW, toleranceMs: SKEW_MAX_MS };
const RETRY_AFTER_MS = 1_000;

export const REFUSALS: { readonly [Each in Reason]: Refusal<Each> } = {
  HOST_NOT_LOCAL: {
    by: "worker",
    example: { kind: "turned_away", reason: "HOST_NOT_LOCAL" },
    explain: () =>
      "This server is in local mode, whose credentials everybody knows, so it answers this machine alone: call it at localhost or 127.0.0.1. To serve others, configure callers and leave local mode off.",
  },
  HOST_NOT_SERVED: {
    by: "worker",
    example: { kind: "turned_away", reason: "HOST_NOT_SERVED" },
    explain: () =>
      "This server does not go by the Host of this request. Call it by a name of its own, or add this one to OWN_HOSTS.",
  },
  ORIGIN_NOT_ALLOWED: {
    by: "worker",
    example: { kind: "turned_away", reason: "ORIGIN_NOT_ALLOWED" },
    explain: () =>
      "Web pages of this origin may not call this server. Add the origin to ALLOWED_ORIGINS, or send no Origin header if no web page calls.",
  },
  UNKNOWN_OPERATION: {
    by: "worker",
    operations: "none",
    example: { kind: "unknown_operation", reason: "UNKNOWN_OPERATION", path: "/app-instance-users" },
    explain: explainUnknownPath,
  },
  METHOD_NOT_ALLOWED: {
    by: "worker",
    operations: "none",
    example: { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed: ["POST", "GET"] },
    explain: ({ allowed }) => `This path accepts ${allowed.join(", ")} only.`,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    by: "worker",
    operations: "with a body",
    example: { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE", supported: ["application/json"] },
    explain: ({ kind, supported }) =>
      `The ${kind === "wrong_type" ? "Content-Type" : "encoding"} of the request is not supported: send ${supported.join(" or ")}.`,
  },
  BODY_TOO_LARGE: {
    by: "worker",
    operations: "with a body",
    example: { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: BODY_MAX_BYTES },
    explain: ({ limitBytes }) => `The request body is larger than ${limitBytes} bytes.`,
  },
  NO_PRINCIPALS: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "NO_PRINCIPALS" },
    explain: () =>
      "No caller is known to this server. Configure principals, or start it with `npm start` for local mode and its well-known credentials.",
  },
  CREDENTIALS_MISSING: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "CREDENTIALS_MISSING" },
    explain: () =>
      "The request has no credentials: sign it with an access key (SigV4, service 'chime'), or send a Bearer token.",
  },
  CREDENTIALS_AMBIGUOUS: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "CREDENTIALS_AMBIGUOUS" },
    explain: () => "The request has credentials in its query and in its Authorization header: send one of them.",
  },
  TOKEN_REQUIRED: {
    by: "worker",
    operations: "credentials",
    example: { kind: "unauthenticated", reason: "TOKEN_REQUIRED" },
    explain: () =>
      "Credentials are given to the bearer of a token, and to no access key, session or presigned URL: send the token of a configured issuer in the Authorization header.",
  },
  SIGNATURE_MALFORMED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "SIGNATURE_MALFORMED", fault: "HOST_NOT_SIGNED" },
    explain: ({ fault }) => SIGNATURE_FAULTS[fault],
  },
  SIGNATURE_EXPIRED: {
    by: "worker",
    example: { kind: "signature", reason: "SIGNATURE_EXPIRED", signedAt: NOW - 2 * SKEW_MAX_MS, ...UNTIMELY },
    explain: explainUntimely,
  },
  SIGNATURE_NOT_YET_CURRENT: {
    by: "worker",
    example: { kind: "signature", reason: "SIGNATURE_NOT_YET_CURRENT", signedAt: NOW + 2 * SKEW_MAX_MS, ...UNTIMELY },
    explain: explainUntimely,
  },
  SIGNATURE_REFUSED: {
    by: "worker",
    example: {
      kind: "unauthenticated",
      reason: "SIGNATURE_REFUSED",
      fault: "WRONG_SIGNATURE",
      host: "rollcall.example.com",
    },
    explain: explainSignature,
  },
  SESSION_TOKEN_REFUSED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "SESSION_TOKEN_REFUSED", fault: "WRONG_SESSION_TOKEN" },
    explain: () =>
      "The session token is refused. If the access key came without one, send none: unset AWS_SESSION_TOKEN, or sessionToken in the client's credentials. If it came with this one, get new credentials.",
  },
  SESSION_EXPIRED: {
    by: "worker",
    example: { kind: "signature", reason: "SESSION_EXPIRED" },
    explain: explainUntimely,
  },
  TOKEN_REFUSED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "TOKEN_REFUSED", fault: "WRONG_AUDIENCE" },
    explain: explainToken,
  },
  TOKEN_EXPIRED: {
    by: "worker",
    example: { kind: "unauthenticated", reason: "TOKEN_EXPIRED" },
    explain: () =>
      "The Bearer token has expired, or has less than a minute left for a session. Get a new one from its issuer.",
  },
  ISSUER_UNREACHABLE: {
    by: "worker",
    example: { kind: "unavailable", reason: "ISSUER_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) =>
      `The keys of the token's issuer can't be fetched at the moment. Try again in ${retryAfterMs} ms.`,
  },
  CALLER_RATE_EXCEEDED: {
    by: "worker",
    example: { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: RETRY_AFTER_MS },
    explain: ({ retryAfterMs }) => `Too many calls by this caller. Try again in ${retryAfterMs} ms.`,
  },
  MESSAGE_COUNT_WRONG: {
    by: "worker",
    isRpcOnly: true,
    example: { kind: "wrong_cardinality", reason: "MESSAGE_COUNT_WRONG" },
    explain: () => "The call must have one message, and has none or more.",
  },
  MESSAGE_FLAGS_WRONG: {
    by: "worker",
    isRpcOnly: true,
    example: { kind: "wrong_framing", reason: "MESSAGE_FLAGS_WRONG" },
    explain: () =>
      "The byte before the message must be 0, or 1 for a message that is compressed as the header grpc-encoding says.",
  },
  UNREADABLE_REQUEST: {
    by: "worker",
    example: {
      kind: "invalid",
      reason: "UNREADABLE_REQUEST",
      at: "AppInstanceUserArn in the path",
      expected: "percent-encoded UTF-8",
    },
    explain: ({ at, expected }) => `The request can't be read: ${at} must be ${expected}.`,
  },
  CONSTRAINTS_VIOLATED: {
    by: "worker",
    example: emptyList(),
    explain: explainViolations,
  },
  NOT_AUTHORIZED: {
    by: "worker",
    example: { kind: "forbidden", reason: "NOT_AUTHORIZED", action: `chime:${REGISTER}` },
    explain: ({ action }) =>
      `The caller is not allowed to perform ${action} on this user. Allow it in the caller's policy.`,
  },
  DEADLINE_EXCEEDED: {
    by: "worker",
    isRpcOnly: true,
    example: { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" },
    explain: () => "The deadline passed before the call was made. Try again with the same request token.",
  },
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
};

/** What an empty request of a list comes to. */
function emptyList(): ConstraintsViolated {
  const { name, input } = RPC.listAppInstanceUserEndpoints;
  const failure = violated(input, create(input), NOW);
  if (failure === undefined) {
    throw new TypeError(`${name} takes an empty request`);
  }
  return failure;
}
