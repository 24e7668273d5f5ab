/** What each operation refuses, by the table of refusals and as REST tells it. */
import type { Failure } from "../worker/model/failure.ts";
import type { Operation } from "../worker/transport/operations.ts";
import type { Reason, Refusal } from "../worker/transport/refusals/refusal.ts";
import { REFUSALS } from "../worker/transport/refusals/table.ts";
import { type RestError, restError } from "../worker/transport/rest/errors.ts";

/** How a call is refused for a reason. */
export interface Example extends RestError {
  readonly reason: Reason;
}

/** How an operation refuses calls, in the order in which they meet it; or, without one, how any path of REST does. */
export function refusalsOf(operation?: Operation): readonly Example[] {
  const refusals: readonly Refusal[] = Object.values(REFUSALS);
  const told = refusals.filter(
    (refusal) => !refusal.isRpcOnly && (operation === undefined || answers(operation, refusal)),
  );
  return told.map(exampleOf);
}

/** How a call is refused for each of these reasons. */
export function refusalsFor(reasons: readonly Reason[]): readonly Example[] {
  return reasons.map((reason) => exampleOf(REFUSALS[reason]));
}

function exampleOf({ example }: { readonly example: Failure }): Example {
  return { reason: example.reason, ...restError(example) };
}

function answers({ name, route }: Operation, { operations }: Refusal): boolean {
  switch (operations) {
    case undefined:
      return true;
    case "none":
    case "credentials":
      return false;
    case "with a body":
      return route.hasBody;
    default:
      return operations.includes(name);
  }
}
