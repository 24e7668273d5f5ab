/** Every answer that a caller can get for one call, by condition and wire. */
import { BODY_MAX_BYTES, ENDPOINTS_PER_USER_DEFAULT } from "../../src/worker/model/limits.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { connectRegister, restRegister, type WireRequest } from "../support/wire.ts";

type Outcome = readonly [status: number, error: string, reason: string];

/** A condition, the request that has it on each wire, and what each answers. Of several requests the last has it. */
export interface Row {
  readonly condition: string;
  readonly rest?: readonly [WireRequest | WireRequest[], ...Outcome];
  readonly connect?: readonly [WireRequest | WireRequest[], ...Outcome];
  /** Whether it is asked of the server that lets nobody in. */
  readonly closed?: boolean;
}

/** The body made `bytes` long, with white space that JSON allows. */
function padded(request: WireRequest, bytes: number): WireRequest {
  return { ...request, body: String(request.body).padEnd(bytes, " ") };
}

/** A call of another operation over REST: no body, and a type all the same, as the mobile SDKs send it. */
function rest(method: string, path: string, arn: string): WireRequest {
  const headers = { "content-type": "application/x-amz-json-1.0" };
  return { method, path: `/app-instance-users/${encodeURIComponent(arn)}/endpoints${path}`, headers, body: null };
}

function restUpdate(members: Record<string, unknown>, arn: string): WireRequest {
  return { ...rest("PUT", "/none", arn), body: JSON.stringify(members) };
}

function connect(operation: string, message: Record<string, unknown>): WireRequest {
  const request = connectRegister();
  return { ...request, path: request.path.replace(/\w+$/, operation), body: JSON.stringify(message) };
}

function device(number: number): [Record<string, unknown>, Record<string, unknown>] {
  const [deviceToken, requestToken] = [`device-${number}`, `request-${number}`];
  return [
    { EndpointAttributes: { DeviceToken: deviceToken }, ClientRequestToken: requestToken },
    { endpointAttributes: { deviceToken }, clientRequestToken: requestToken },
  ];
}

const ONE_MORE = Array.from({ length: ENDPOINTS_PER_USER_DEFAULT + 1 }, (_, number) => device(number));
/** Users whom no other test has; what a row registers is there for that row only. */
const [a = "", b = "", c = "", d = "", e = "", f = "", g = ""] = Array.from({ length: 7 }, freshUserArn);

const INSTANCE = g.replace(/\/user\/.*/, "");

const BAD = [400, "BadRequestException", ""] as const;
const UNREADABLE = [400, "invalid_argument", "UNREADABLE_REQUEST"] as const;
const VIOLATED = [400, "invalid_argument", "CONSTRAINTS_VIOLATED"] as const;

const NO_DIRECTORY_ON_REST = [501, "NotImplementedException", ""] as const;
const NO_DIRECTORY = [501, "unimplemented", "DIRECTORY_NOT_CONFIGURED"] as const;

export const ANSWERS: readonly Row[] = [
  { condition: "valid", rest: [restRegister(), 201, "", ""], connect: [connectRegister(), 200, "", ""] },
  {
    condition: "unknown members",
    rest: [restRegister({ Unknown: 1, AppInstanceUserArn: "the path wins" }), 201, "", ""],
    connect: [connectRegister({ unknown: 1 }), 200, "", ""],
  },
  {
    condition: "explicit null of an optional member",
    rest: [restRegister({ Name: null, AllowMessages: null }), 201, "", ""],
    connect: [connectRegister({ name: null, allowMessages: null }), 200, "", ""],
  },
  {
    condition: "explicit null of a required member",
    rest: [restRegister({ Type: null }), ...BAD],
    connect: [connectRegister({ type: null }), ...VIOLATED],
  },
  {
    condition: "malformed body",
    rest: [{ ...restRegister(), body: '{"Name":' }, ...BAD],
    connect: [{ ...connectRegister(), body: '{"name":' }, ...UNREADABLE],
  },
  {
    condition: "malformed Protobuf",
    connect: [
      { ...connectRegister(), headers: { "content-type": "application/proto" }, body: "\u0007" },
      ...UNREADABLE,
    ],
  },
  {
    condition: "body that is no object",
    rest: [{ ...restRegister(), body: "[1]" }, ...BAD],
    connect: [{ ...connectRegister(), body: "1" }, ...UNREADABLE],
  },
  {
    condition: "wrong JSON type",
    rest: [restRegister({ EndpointAttributes: { DeviceToken: 12345678 } }), ...BAD],
    connect: [connectRegister({ endpointAttributes: { deviceToken: 12345678 } }), ...UNREADABLE],
  },
  {
    condition: "lone surrogate",
    rest: [{ ...restRegister(), body: '{"Name":"\\ud800"}' }, ...BAD],
    connect: [{ ...connectRegister(), body: '{"name":"\\ud800"}' }, ...UNREADABLE],
  },
  {
    condition: "unknown enum value and an empty token",
    rest: [restRegister({ AllowMessages: "SOME", EndpointAttributes: { DeviceToken: "" } }), ...BAD],
    connect: [connectRegister({ allowMessages: "SOME", endpointAttributes: { deviceToken: "" } }), ...VIOLATED],
  },
  {
    condition: "bad escape in the path",
    rest: [{ ...restRegister(), path: "/app-instance-users/arn%zz/endpoints" }, ...BAD],
  },
  {
    condition: "overlong UTF-8 in the path",
    rest: [{ ...restRegister(), path: "/app-instance-users/arn%c0%af/endpoints" }, ...BAD],
  },
  {
    condition: "128 KiB",
    rest: [padded(restRegister(), BODY_MAX_BYTES), 201, "", ""],
    connect: [padded(connectRegister(), BODY_MAX_BYTES), 200, "", ""],
  },
  {
    condition: "128 KiB and a byte",
    rest: [padded(restRegister(), BODY_MAX_BYTES + 1), 413, "RequestEntityTooLargeException", ""],
    connect: [padded(connectRegister(), BODY_MAX_BYTES + 1), 429, "resource_exhausted", "BODY_TOO_LARGE"],
  },
  {
    condition: "nobody is let in",
    closed: true,
    rest: [restRegister(), 401, "UnauthorizedClientException", ""],
    connect: [connectRegister(), 401, "unauthenticated", "NO_PRINCIPALS"],
  },
  {
    condition: "device registered already",
    rest: [[restRegister({}, a), restRegister({ ClientRequestToken: "request-2" }, a)], 409, "ConflictException", ""],
    connect: [
      [connectRegister({}, b), connectRegister({ clientRequestToken: "request-2" }, b)],
      409,
      "already_exists",
      "DEVICE_ALREADY_REGISTERED",
    ],
  },
  {
    condition: "request token with other input",
    rest: [[restRegister({}, c), restRegister({ Name: "" }, c)], 409, "ConflictException", ""],
    connect: [
      [connectRegister({}, d), connectRegister({ name: "" }, d)],
      409,
      "already_exists",
      "REQUEST_TOKEN_REUSED",
    ],
  },
  {
    condition: "one endpoint more than the limit",
    rest: [ONE_MORE.map(([members]) => restRegister(members, e)), 400, "ResourceLimitExceededException", ""],
    connect: [
      ONE_MORE.map(([, members]) => connectRegister(members, f)),
      400,
      "failed_precondition",
      "ENDPOINT_LIMIT_EXCEEDED",
    ],
  },
  {
    condition: "endpoint that does not exist",
    rest: [rest("GET", "/none", g), 404, "NotFoundException", ""],
    connect: [
      connect("DescribeAppInstanceUserEndpoint", { appInstanceUserArn: g, endpointId: "none" }),
      404,
      "not_found",
      "ENDPOINT_NOT_FOUND",
    ],
  },
  {
    condition: "update of what does not exist, with a token",
    rest: [restUpdate({ EndpointAttributes: { DeviceToken: "device-1" } }, g), 404, "NotFoundException", ""],
    connect: [
      connect("UpdateAppInstanceUserEndpoint", {
        appInstanceUserArn: g,
        endpointId: "none",
        endpointAttributes: { deviceToken: "device-1" },
      }),
      404,
      "not_found",
      "ENDPOINT_NOT_FOUND",
    ],
  },
  {
    condition: "update with an empty token",
    rest: [restUpdate({ EndpointAttributes: { DeviceToken: "" } }, g), ...BAD],
    connect: [
      connect("UpdateAppInstanceUserEndpoint", {
        appInstanceUserArn: g,
        endpointId: "none",
        endpointAttributes: { deviceToken: "" },
      }),
      ...VIOLATED,
    ],
  },
  {
    condition: "list",
    rest: [rest("GET", "?max-results=1", g), 200, "", ""],
    connect: [connect("ListAppInstanceUserEndpoints", { appInstanceUserArn: g, maxResults: "1" }), 200, "", ""],
  },
  {
    condition: "list with a next token that was made up",
    rest: [rest("GET", "?next-token=made%20up", g), ...BAD],
    connect: [
      connect("ListAppInstanceUserEndpoints", { appInstanceUserArn: g, nextToken: "made up" }),
      400,
      "invalid_argument",
      "NEXT_TOKEN_INVALID",
    ],
  },
  {
    condition: "max-results that is no number",
    rest: [rest("GET", "?max-results=many", g), ...BAD],
    connect: [connect("ListAppInstanceUserEndpoints", { appInstanceUserArn: g, maxResults: "many" }), ...UNREADABLE],
  },
  {
    condition: "deregister what does not exist",
    rest: [rest("DELETE", "/none", g), 204, "", ""],
    connect: [connect("DeregisterAppInstanceUserEndpoint", { appInstanceUserArn: g, endpointId: "none" }), 200, "", ""],
  },
  {
    condition: "erase a user who is not known",
    rest: [{ ...rest("DELETE", "", g), path: `/app-instance-users/${encodeURIComponent(g)}` }, 204, "", ""],
    connect: [connect("DeleteAppInstanceUser", { appInstanceUserArn: g }), 200, "", ""],
  },
  {
    condition: "look a device up where there is no Directory",
    rest: [
      {
        ...rest("POST", "", g),
        path: "/app-instance-user-endpoints/lookup",
        body: JSON.stringify({
          AppInstanceArn: INSTANCE,
          Type: "GCM",
          ResourceArn: RESOURCE_ARN,
          DeviceToken: "device-1",
        }),
      },
      ...NO_DIRECTORY_ON_REST,
    ],
    connect: [
      connect("LookupAppInstanceUserEndpoints", {
        ...{ appInstanceArn: INSTANCE, resourceArn: RESOURCE_ARN, deviceToken: "device-1" },
        type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
      }),
      ...NO_DIRECTORY,
    ],
  },
  {
    condition: "list an app instance's endpoints where there is no Directory",
    rest: [
      { ...rest("GET", "", g), path: `/app-instance-user-endpoints?app-instance-arn=${encodeURIComponent(INSTANCE)}` },
      ...NO_DIRECTORY_ON_REST,
    ],
    connect: [connect("ListEndpointsByAppInstance", { appInstanceArn: INSTANCE }), ...NO_DIRECTORY],
  },
  {
    condition: "unknown route",
    rest: [{ ...restRegister(), path: "/app-instance-users" }, 404, "UnknownOperationException", ""],
    connect: [
      { ...connectRegister(), path: "/rollcall.v1.AppInstanceUserEndpointService/Nothing" },
      404,
      "unimplemented",
      "UNKNOWN_OPERATION",
    ],
  },
  {
    condition: "wrong method",
    rest: [{ ...restRegister(), method: "PATCH" }, 405, "MethodNotAllowedException", ""],
    connect: [{ ...connectRegister(), method: "PUT" }, 405, "unimplemented", "METHOD_NOT_ALLOWED"],
  },
  {
    condition: "wrong type",
    rest: [{ ...restRegister(), headers: { "content-type": "text/xml" } }, 415, "UnsupportedMediaTypeException", ""],
    connect: [
      { ...connectRegister(), headers: { "content-type": "text/xml" } },
      415,
      "unimplemented",
      "UNSUPPORTED_MEDIA_TYPE",
    ],
  },
  {
    condition: "unknown compression",
    rest: [
      { ...restRegister(), headers: { "content-type": "application/json", "content-encoding": "br" } },
      415,
      "UnsupportedMediaTypeException",
      "",
    ],
    connect: [
      { ...connectRegister(), headers: { "content-type": "application/json", "content-encoding": "br" } },
      501,
      "unimplemented",
      "UNSUPPORTED_MEDIA_TYPE",
    ],
  },
  {
    condition: "deadline passed",
    connect: [
      { ...connectRegister(), headers: { "content-type": "application/json", "connect-timeout-ms": "0" } },
      504,
      "deadline_exceeded",
      "DEADLINE_EXCEEDED",
    ],
  },
  {
    condition: "malformed deadline",
    connect: [
      { ...connectRegister(), headers: { "content-type": "application/json", "connect-timeout-ms": "soon" } },
      ...UNREADABLE,
    ],
  },
];
