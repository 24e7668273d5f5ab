import type { Failure, UserFailure } from "../../model/failure.ts";
import type { Dialect } from "../messages/dialect.ts";

export type Reason = Failure["reason"];

type FailureFor<Each extends Reason> = Failure & { readonly reason: Each };

/** How a call is refused for a reason. */
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

export type Refusals = { readonly [Each in Reason]: Refusal<Each> };

/** What a caller is asked to wait, in examples: milliseconds. */
export const RETRY_AFTER_MS = 1_000;
