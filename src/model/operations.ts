/**
 * What each operation takes and answers inside the Worker: the messages of the proto as plain objects, so that they
 * cross RPC and reach rules that know nothing of Protobuf. Member names are the proto's in lowerCamelCase, enums
 * their bare names, timestamps milliseconds since 1970, and what is absent is absent.
 */
import type { AllowMessages, EndpointType } from "./endpoint.ts";
import type { Failure } from "./failure.ts";

/** What every operation's request has: the user that it is about. */
export interface UserRequest {
  readonly appInstanceUserArn: string;
}

export interface RegisterAppInstanceUserEndpointRequest extends UserRequest {
  readonly name?: string;
  readonly type: EndpointType;
  readonly resourceArn: string;
  readonly endpointAttributes: { readonly deviceToken: string; readonly voipDeviceToken?: string };
  readonly clientRequestToken: string;
  readonly allowMessages?: AllowMessages;
}

export interface RegisterAppInstanceUserEndpointResponse {
  readonly appInstanceUserArn: string;
  readonly endpointId: string;
}

/** How an operation ended: its response, or why there is none. */
export type Answer<Response> = Success<Response> | Failure;

export interface Success<Response> {
  readonly kind: "ok";
  readonly response: Response;
  /** Whether the response is that of an earlier call with the same request token. */
  readonly replayed?: boolean;
}
