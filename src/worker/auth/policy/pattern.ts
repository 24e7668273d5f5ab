import type { Pattern, PatternPart } from "../../model/policy.ts";

const WILDCARDS: ReadonlyMap<string, PatternPart> = new Map([
  ["*", { kind: "any" }],
  ["?", { kind: "one" }],
]);

/** How IAM writes the characters that would be read as wildcards or as the start of a variable. */
const ESCAPES = new Set(["*", "?", "$"]);

/**
 * Reads a pattern of IAM's: `*`, `?` and `${variable}`. `claimOf` names the claim that a variable stands for; a
 * variable without one makes the pattern undefined, as does a `${` that nothing closes.
 */
export function parsePattern(text: string, claimOf: (variable: string) => string | undefined): Pattern | undefined {
  const parts: PatternPart[] = [];
  for (const [token, variable] of text.matchAll(/\$\{([^}]*)\}|\$\{|[*?]|[^*?$]+|\$/g)) {
    const part = token.startsWith("${")
      ? variablePart(variable ?? "", claimOf)
      : (WILDCARDS.get(token) ?? plain(token));
    if (part === undefined) {
      return undefined;
    }
    parts.push(part);
  }
  return parts;
}

/**
 * Whether a whole text is as the pattern says. A claim's value stands for itself, whatever characters it has; one that
 * is absent, empty or longer than the text, or holds half of a character, or a slash, so that it could reach across the
 * parts of an ARN, stands for nothing at all.
 */
export function matches(pattern: Pattern, text: string, claims: ReadonlyMap<string, string>): boolean {
  let part = 0;
  let at = 0;
  // Only the last `*` ever needs to take more, because what stands before it has matched as early as it can: the time
  // is at the most the text's length times the pattern's, however many `*` there are.
  let star = -1;
  let starTook = 0;
  while (part < pattern.length || at < text.length) {
    const current = pattern[part];
    if (current?.kind === "any") {
      star = part++;
      starTook = at;
      continue;
    }
    const taken = current && lengthAt(current, text, at, claims);
    if (taken !== undefined) {
      part++;
      at += taken;
    } else if (star >= 0 && starTook < text.length) {
      part = star + 1;
      starTook += characterLength(text, starTook);
      at = starTook;
    } else {
      return false;
    }
  }
  return true;
}

/** How much of a text a part of a pattern takes at a place; undefined where it does not fit there. */
function lengthAt(
  part: Exclude<PatternPart, { kind: "any" }>,
  text: string,
  at: number,
  claims: ReadonlyMap<string, string>,
): number | undefined {
  if (part.kind === "one") {
    return at < text.length ? characterLength(text, at) : undefined;
  }
  const literal = part.kind === "text" ? part.text : claimIn(part, claims, text.length);
  return literal !== undefined && text.startsWith(literal, at) ? literal.length : undefined;
}

function claimIn(
  { claim }: PatternPart & { kind: "claim" },
  claims: ReadonlyMap<string, string>,
  lengthMax: number,
): string | undefined {
  const value = claims.get(claim) ?? "";
  // Its length is its issuer's choice, and it may be looked for at each place of the text.
  const isUsable = value !== "" && value.length <= lengthMax && !value.includes("/") && value.isWellFormed();
  return isUsable ? value : undefined;
}

/** A character beyond the first 65,536 is two of JavaScript's. */
function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function variablePart(variable: string, claimOf: (variable: string) => string | undefined): PatternPart | undefined {
  if (ESCAPES.has(variable)) {
    return plain(variable);
  }
  const claim = claimOf(variable);
  return claim === undefined ? undefined : { kind: "claim", claim };
}

function plain(text: string): PatternPart {
  return { kind: "text", text };
}
