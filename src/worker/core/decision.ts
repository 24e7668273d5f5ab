import type { Changes } from "../model/changes.ts";
import type { Row } from "../model/endpoint.ts";
import type { Tell } from "../model/tells.ts";
import type { Answer } from "../model/user-rpcs.ts";

/** What an operation comes to: its answer, and what changes with it. A refusal changes nothing. */
export interface Decision<Response> extends Changes {
  readonly answer: Answer<Response>;
  /** The rows that the call was about: what is true of them is told once more where nothing was written. */
  readonly about?: readonly Row[];
  /** What a user was erased of: how many endpoints, and when. */
  readonly erased?: Pick<Required<Tell>, "at" | "endpoints">;
  /** Whether the call presented a device of the user's. */
  readonly presents?: boolean;
}
