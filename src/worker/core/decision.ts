import type { Changes } from "../model/changes.ts";
import type { Answer } from "../model/user-rpcs.ts";

/** What an operation comes to: its answer, and what changes with it. A refusal changes nothing. */
export interface Decision<Response> extends Changes {
  readonly answer: Answer<Response>;
}
