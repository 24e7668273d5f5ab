import type { Row } from "../model/endpoint.ts";
import type { Answer } from "../model/operations.ts";

/** What an operation comes to: its answer, and what changes with it. A refusal changes nothing. */
export interface Decision<Response> extends Changes {
  readonly answer: Answer<Response>;
}

/** What is to change in a user's register, all of it or nothing. */
export interface Changes {
  /** The row to write: a new one, or in place of the one with the same id. */
  readonly put?: Row;
  /** The ids of the rows to drop: expired tombstones only. */
  readonly drop?: readonly string[];
  /** When the purge is to come, in milliseconds since 1970; undefined leaves it as it is. */
  readonly purgeAt?: number | undefined;
}
