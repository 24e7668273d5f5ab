import type { Caller } from "../model/caller.ts";
import { evaluate } from "./policy/evaluate.ts";

/** Whether a caller may do this: `action` as "chime:<Operation>", `resource` the ARN of the user that it is about. */
export function authorise({ policy, claims }: Caller, action: string, resource: string): boolean {
  return evaluate(policy, { action, resource, claims });
}
