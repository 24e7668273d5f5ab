/** What the protocols have in common: each is one Wire, and serve does the rest. */
import type { Message } from "@bufbuild/protobuf";
import type { Failure } from "../model/failure.ts";
import type { Success } from "../model/user-rpcs.ts";
import type { Reply } from "./http/respond.ts";
import type { Incoming } from "./incoming.ts";
import type { Rpc } from "./operations.ts";

/** A protocol that calls come by. */
export interface Wire {
  readonly name: "rest" | "connect" | "grpc-web";
  /** Finds the operation that is called, by path and method. */
  route(incoming: Incoming): Route | Failure;
  /** Reads from the headers how the call's messages are written, and until when the caller waits. */
  call(route: Route, incoming: Incoming): Call | Failure;
  /** A refusal as this protocol writes it. */
  refusal(failure: Failure, incoming: Incoming): Reply;
}

/** Which operation is called. */
export interface Route {
  readonly operation: Rpc;
}

/** A call of an operation, and how its messages are written. */
export interface Call {
  readonly operation: Rpc;
  /** Until when the caller waits, in milliseconds since 1970: Infinity where it does not say. */
  readonly deadline: number;
  /** Reads the request message out of the body. */
  decode(body: Uint8Array): Message | Failure;
  /** The answer to a call that succeeded. */
  encode(success: Success<Message>): Reply;
}
