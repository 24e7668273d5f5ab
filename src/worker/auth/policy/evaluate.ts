import type { Policy } from "../../model/policy.ts";
import { matches } from "./pattern.ts";

/** What somebody wants to do. */
export interface Access {
  /** "chime:RegisterAppInstanceUserEndpoint" */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
  readonly claims: ReadonlyMap<string, string>;
}

/** IAM's rule: what no statement allows is denied, and a statement that denies wins over all that allow. */
export function evaluate(policy: Policy, { action, resource, claims }: Access): boolean {
  const name = action.toLowerCase();
  const applying = policy.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => matches(pattern, name, claims)) &&
      resources.some((pattern) => matches(pattern, resource, claims)),
  );
  return applying.some(({ effect }) => effect === "Allow") && applying.every(({ effect }) => effect === "Allow");
}
