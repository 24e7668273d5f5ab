import type { Failure } from "../../model/failure.ts";
import type { Dialect } from "../messages/dialect.ts";
import type { Reason, Refusal } from "./refusal.ts";
import { REFUSALS } from "./table.ts";

/** What a person is told of a refusal. */
export function explain(failure: Failure, dialect: Dialect): string {
  return (REFUSALS[failure.reason] as Refusal<Reason>).explain(failure, dialect);
}
