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
 * is absent, empty, longer than the text, or holds a slash, so that it could reach across the parts of an ARN, stands for
 * nothing at all.
 */
export function matches(pattern: Pattern, text: string, claims: ReadonlyMap<string, string>): boolean {
  const units = unitsOf(pattern, claims, text.length);
  return units !== undefined && matchUnits(units, Array.from(text));
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

const ANY = Symbol("*");
const ONE = Symbol("?");
type Unit = string | typeof ANY | typeof ONE;

/** The pattern character by character, so that no character of a value can be taken for a wildcard. */
function unitsOf(pattern: Pattern, claims: ReadonlyMap<string, string>, maxLength: number): Unit[] | undefined {
  const units: Unit[] = [];
  for (const part of pattern) {
    switch (part.kind) {
      case "any":
        units.push(ANY);
        break;
      case "one":
        units.push(ONE);
        break;
      case "text":
        units.push(...part.text);
        break;
      case "claim": {
        const value = claims.get(part.claim) ?? "";
        // Its length is its issuer's choice, and what is spread below stands on the stack.
        if (value === "" || value.length > maxLength || value.includes("/")) {
          return undefined;
        }
        units.push(...value);
      }
    }
  }
  return units;
}

/**
 * Only the last `*` ever needs to take more, because what stands before it has matched as early as it can: the time
 * is at the most the text's length times the pattern's, however many `*` there are.
 */
function matchUnits(units: readonly Unit[], text: readonly string[]): boolean {
  let unit = 0;
  let at = 0;
  let star = -1;
  let starTook = 0;
  while (at < text.length) {
    if (units[unit] === ANY) {
      star = unit++;
      starTook = at;
    } else if (units[unit] === ONE || units[unit] === text[at]) {
      unit++;
      at++;
    } else if (star >= 0) {
      unit = star + 1;
      at = ++starTook;
    } else {
      return false;
    }
  }
  return units.slice(unit).every((left) => left === ANY);
}
