/**
 * What each operation takes and answers inside the Worker: the messages of the proto as plain objects, so that they
 * cross RPC and reach rules that know nothing of Protobuf. Member names are the proto's in lowerCamelCase, enums
 * their bare names, timestamps milliseconds since 1970, and what is absent is absent.
 */
import type { AllowMessages, EndpointStatus, EndpointType } from "./endpoint.ts";
import type { Failure } from "./failure.ts";

/** What every operation's request has: the user that it is about. */
export interface UserRequest {
  readonly appInstanceUserArn: string;
}

/** The request of an operation on one of the user's endpoints. */
export interface EndpointRequest extends UserRequest {
  readonly endpointId: string;
}

export interface RegisterAppInstanceUserEndpointRequest extends UserRequest {
  readonly name?: string;
  readonly type: EndpointType;
  readonly resourceArn: string;
  readonly endpointAttributes: EndpointAttributes;
  readonly clientRequestToken: string;
  readonly allowMessages?: AllowMessages;
}

export interface RegisterAppInstanceUserEndpointResponse {
  readonly appInstanceUserArn: string;
  readonly endpointId: string;
}

export type DescribeAppInstanceUserEndpointRequest = EndpointRequest;

export interface DescribeAppInstanceUserEndpointResponse {
  readonly appInstanceUserEndpoint: AppInstanceUserEndpoint;
}

export interface ListAppInstanceUserEndpointsRequest extends UserRequest {
  /** How many endpoints to answer at the most: 1 to PAGE_ENDPOINTS_MAX, and that when absent. */
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export interface ListAppInstanceUserEndpointsResponse {
  readonly appInstanceUserEndpoints: readonly AppInstanceUserEndpointSummary[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

export interface UpdateAppInstanceUserEndpointRequest extends EndpointRequest {
  readonly name?: string;
  readonly allowMessages?: AllowMessages;
}

export interface UpdateAppInstanceUserEndpointResponse {
  readonly appInstanceUserArn: string;
  readonly endpointId: string;
}

export type DeregisterAppInstanceUserEndpointRequest = EndpointRequest;

export type DeregisterAppInstanceUserEndpointResponse = Record<string, never>;

/** An endpoint as a list shows it: no tokens, no resource, no times. */
export interface AppInstanceUserEndpointSummary {
  readonly appInstanceUserArn: string;
  readonly endpointId: string;
  readonly name?: string;
  readonly type: EndpointType;
  readonly allowMessages: AllowMessages;
  readonly endpointState: { readonly status: EndpointStatus };
}

/** An endpoint with everything that was registered of it. */
export interface AppInstanceUserEndpoint extends AppInstanceUserEndpointSummary {
  readonly resourceArn: string;
  readonly endpointAttributes: EndpointAttributes;
  /** Milliseconds since 1970. */
  readonly createdTimestamp: number;
  /** Milliseconds since 1970. */
  readonly lastUpdatedTimestamp: number;
}

export interface EndpointAttributes {
  readonly deviceToken: string;
  readonly voipDeviceToken?: string;
}

/** How an operation ended: its response, or why there is none. */
export type Answer<Response> = Success<Response> | Failure;

export interface Success<Response> {
  readonly kind: "ok";
  readonly response: Response;
  /** Whether the response is that of an earlier call with the same request token. */
  readonly replayed?: boolean;
}
