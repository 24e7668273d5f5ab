/**
 * What a user's object does: one method for each rpc of the service, from the proto's request to its response. The types
 * are mapped from the service, so an rpc that the object does not have does not compile.
 */
import type { Message, MessageValidType } from "@bufbuild/protobuf";
import type { AppInstanceUserEndpointService } from "../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { StorageFailure, UserFailure } from "./failure.ts";
import type { Objects } from "./objects.ts";
import type { Tell, Tells } from "./tells.ts";

type Methods = typeof AppInstanceUserEndpointService.method;

/** "registerAppInstanceUserEndpoint" */
export type UserRpc = Exclude<keyof Methods, DirectoryRpc>;

/** Those that no user's object serves: they are about an app instance. */
export type DirectoryRpc = {
  [Rpc in keyof Methods]: "appInstanceArn" extends keyof MessageValidType<Methods[Rpc]["input"]> ? Rpc : never;
}[keyof Methods];

/** A request message that keeps its constraints: what is required is there. */
export type RequestOf<Rpc extends keyof Methods> = MessageValidType<Methods[Rpc]["input"]>;

/** What a response message is made from: all of its members, those that are optional if they are there. */
export type ResponseOf<Rpc extends keyof Methods> = Members<MessageValidType<Methods[Rpc]["output"]>>;

type Members<Value> = Value extends Message
  ? { readonly [Name in keyof Value as Exclude<Name, keyof Message>]: Members<Value[Name]> }
  : Value extends (infer Item)[]
    ? readonly Members<Item>[]
    : Value;

/** Any of the requests. One that is about many users is taken apart: each user's object gets what names that user. */
export type UserRequest = RequestOf<UserRpc>;

export type UserRpcs = { [Rpc in UserRpc]: (request: RequestOf<Rpc>) => Answer<ResponseOf<Rpc>> };

/** What the Directory and whoever calls it ask of a user's object besides. */
export interface DeviceCalls {
  /** Another user has taken a device. Answers the endpoint that has it by a newer right, if any. */
  loseDevice(lost: Lost): { readonly newer?: Tell };
  /** A call that presented a device and wrote nothing does not hold it: it is written after all. Answers what is to be told then. */
  writeNotHeld(notHeld: NotHeld): readonly Tell[] | UserFailure;
  /** Which of some endpoints are there, and have the device that they are said to have. */
  holds(asked: HoldsAsked): readonly boolean[] | StorageFailure;
}

export interface HoldsAsked {
  readonly appInstanceArn: string;
  readonly asked: readonly Held[];
}

export interface Held {
  readonly device: string;
  readonly endpointId: string;
}

/** Another user has taken a device that was named at `lostAt`. */
export interface Lost {
  /** The app instance of both users, for devices are named within it. */
  readonly appInstanceArn: string;
  readonly device: string;
  /** Milliseconds since 1970. */
  readonly lostAt: number;
}

/** A call presented a device and wrote nothing, and the Directory says that another user named it at `standing`. */
export interface NotHeld extends Held {
  readonly appInstanceArn: string;
  /** When the call was decided, in milliseconds since 1970. */
  readonly calledAt: number;
  readonly standing: number;
}

/** The users' objects, as they are reached: by a binding of the class that has the rpcs. */
export type UserNamespace = Objects<UserObject & DeviceObject> & { idFromName(name: string): { toString(): string } };

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

/** The same objects, as the Directory calls them. */
export type DeviceObject = {
  [Call in keyof DeviceCalls]: (...args: Parameters<DeviceCalls[Call]>) => Promise<ReturnType<DeviceCalls[Call]>>;
};

/** How an operation ended: in its response, or in why there is none. */
export type Answer<Response> = Success<Response> | UserFailure;

export interface Success<Response> {
  readonly kind: "ok";
  readonly response: Response;
  /** Whether the response is that of an earlier call with the same request token. */
  readonly replayed?: boolean;
  /** What the Directory is to hear before the call is answered; absent where there is no Directory. */
  readonly heard?: Tells;
  /** Whether an endpoint that was there took the place of a new one. */
  readonly adopted?: boolean;
  /** What comes after a response on the protocols that have trailers. None of ours has any. */
  readonly trailers?: Readonly<Record<string, string>>;
}
