import type { Policy } from "./policy.ts";

/** Who is calling, once that is known. */
export interface Caller {
  readonly kind: "caller";
  /** The principal's name, as its variable has it: for logs, never a secret. */
  readonly principal: string;
  readonly policy: Policy;
  /** What a bearer token says of its subject, its members that are text; of a session those that it carries; else empty. */
  readonly claims: ReadonlyMap<string, string>;
}
