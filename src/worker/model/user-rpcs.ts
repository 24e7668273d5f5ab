/**
 * What a user's object does: one method for each rpc of the service, from the proto's request to its response. The types
 * are mapped from the service, so an rpc that the object does not have does not compile.
 */
import type { Message, MessageValidType } from "@bufbuild/protobuf";
import type { AppInstanceUserEndpointService } from "../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { UserFailure } from "./failure.ts";

type Methods = typeof AppInstanceUserEndpointService.method;

/** "registerAppInstanceUserEndpoint" */
export type UserRpc = keyof Methods;

/** A request message that keeps its constraints: what is required is there. */
export type RequestOf<Rpc extends UserRpc> = MessageValidType<Methods[Rpc]["input"]>;

/** What a response message is made from: all of its members, those that are optional if they are there. */
export type ResponseOf<Rpc extends UserRpc> = Members<MessageValidType<Methods[Rpc]["output"]>>;

type Members<Value> = Value extends Message
  ? { readonly [Name in keyof Value as Exclude<Name, keyof Message>]: Members<Value[Name]> }
  : Value extends (infer Item)[]
    ? readonly Members<Item>[]
    : Value;

/** Any of the requests. One that is about many users is taken apart: each user's object gets what names that user. */
export type UserRequest = RequestOf<UserRpc>;

export type UserRpcs = { [Rpc in UserRpc]: (request: RequestOf<Rpc>) => Answer<ResponseOf<Rpc>> };

/** The users' objects, as they are reached from the Worker: a binding of the class that has the rpcs. */
export interface UserNamespace {
  idFromName(name: string): { toString(): string };
  getByName(name: string, options?: DurableObjectNamespaceGetDurableObjectOptions): UserObject;
  jurisdiction(jurisdiction: DurableObjectJurisdiction): UserNamespace;
}

export type UserObject = { [Rpc in UserRpc]: (request: RequestOf<Rpc>) => Promise<Answer<ResponseOf<Rpc>>> };

/**
 * What the object of a user who has no rows answers, which `userKey` is the id of: for where that is known without the object.
 * The rpc that makes rows is not among them.
 */
export type UnknownUser = {
  readonly [Rpc in Exclude<UserRpc, "registerAppInstanceUserEndpoint">]: (
    request: RequestOf<Rpc>,
    userKey: string,
  ) => Answer<ResponseOf<Rpc>>;
};

/** How an operation ended: in its response, or in why there is none. */
export type Answer<Response> = Success<Response> | UserFailure;

export interface Success<Response> {
  readonly kind: "ok";
  readonly response: Response;
  /** Whether the response is that of an earlier call with the same request token. */
  readonly replayed?: boolean;
  /** Whether an endpoint that was there took the place of a new one. */
  readonly adopted?: boolean;
  /** What comes after a response on the protocols that have trailers. None of ours has any. */
  readonly trailers?: Readonly<Record<string, string>>;
}
