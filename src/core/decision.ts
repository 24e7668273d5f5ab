import type { Row } from "../model/endpoint.ts";
import type { Answer } from "../model/operations.ts";

/** What an operation comes to: its answer, and at most one row to write for it. */
export interface Decision<Response> {
  readonly answer: Answer<Response>;
  readonly put?: Row;
}
