/** What a principal may do: the statements of an IAM policy document, read and checked (auth/policy). */
export type Policy = readonly Statement[];

export interface Statement {
  readonly effect: "Allow" | "Deny";
  /** In lower case, for names of actions are compared without regard to it. */
  readonly actions: readonly Pattern[];
  readonly resources: readonly Pattern[];
}

/** Parts that a text has to consist of, in this order. */
export type Pattern = readonly PatternPart[];

export type PatternPart =
  | { readonly kind: "text"; readonly text: string }
  /** Any characters, or none. */
  | { readonly kind: "any" }
  /** One character. */
  | { readonly kind: "one" }
  /** The value that the caller's token has for this claim. */
  | { readonly kind: "claim"; readonly claim: string };

/** The claims that a policy tells callers apart by. */
export function claimsIn(policy: Policy): string[] {
  const parts = policy.flatMap(({ resources }) => resources).flat();
  return parts.flatMap((part) => (part.kind === "claim" ? [part.claim] : []));
}
