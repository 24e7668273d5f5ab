/**
 * Takes the place of `@bufbuild/cel` and `@bufbuild/re2` in the bundle, by the aliases of wrangler.toml. protovalidate
 * checks our constraints by code of its own, yet for the first of them it parses and plans every rule that it knows in
 * CEL, which took half of what starting cost us. A constraint that does need CEL throws when it is checked; none passes.
 */
const refuse = (): never => {
  throw new Error("A constraint needs CEL, which is not in the bundle: see [alias] in wrangler.toml");
};

// Called at start, for every rule and function that there is.
export const celEnv = () => undefined;
export const celFunc = () => undefined;
export const celMethod = () => undefined;
export const listType = () => undefined;
export const CelScalar = {};
export const strings: readonly unknown[] = [];
export const parse = (expression: string) => expression;
// An example is a rule that every value keeps.
export const plan = (_: unknown, expression: string) => (expression === "true" ? () => true : refuse);

// Called to check a value; what a rule that is refused, or always kept, makes of it is nothing to us.
export const celFromScalar = () => undefined;
export const isCelError = refuse;
export const isCelUint = refuse;
export const RE2JS = { compile: refuse };
