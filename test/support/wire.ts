/** Requests as bytes on a wire, for what real clients never send; and answers of both wires in one form. */
import { signedHeaders } from "./credentials.ts";
import { freshUserArn, RESOURCE_ARN } from "./requests.ts";

export interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | null;
}

export const CONNECT_PATH = "/rollcall.v1.AppInstanceUserEndpointService/RegisterAppInstanceUserEndpoint";

/** A valid registration over REST, for a fresh user; `members` are added to its body. */
export function restRegister(members: Record<string, unknown> = {}, arn = freshUserArn()): WireRequest {
  const body = {
    Type: "GCM",
    ResourceArn: RESOURCE_ARN,
    EndpointAttributes: { DeviceToken: "device-1" },
    ClientRequestToken: "request-1",
    ...members,
  };
  return {
    method: "POST",
    path: `/app-instance-users/${encodeURIComponent(arn)}/endpoints`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** The same over Connect, in JSON. */
export function connectRegister(members: Record<string, unknown> = {}, arn = freshUserArn()): WireRequest {
  const body = {
    appInstanceUserArn: arn,
    type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
    resourceArn: RESOURCE_ARN,
    endpointAttributes: { deviceToken: "device-1" },
    clientRequestToken: "request-1",
    ...members,
  };
  return {
    method: "POST",
    path: CONNECT_PATH,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** What an answer tells, whichever wire it came by. */
export interface WireAnswer {
  readonly status: number;
  /** The value of X-Amzn-ErrorType, or Connect's code; "" where there is none. */
  readonly error: string;
  /** The stable reason in ErrorInfo; "" on REST and where there is none. */
  readonly reason: string;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a request, signed with local mode's key for everything unless it has credentials of its own. */
export async function send(url: string, request: WireRequest): Promise<WireAnswer> {
  const { method, path, body } = request;
  const headers = "authorization" in request.headers ? request.headers : await signedHeaders(url + path, request);
  const response = await fetch(url + path, { method, headers, body });
  const text = await response.text();
  const json = text.startsWith("{") ? JSON.parse(text) : {};
  return {
    status: response.status,
    error: response.headers.get("x-amzn-errortype") ?? json.code ?? "",
    reason: json.details?.[0]?.debug?.reason ?? "",
    headers: response.headers,
    text,
  };
}
