import { VARIABLES } from "./config.ts";

/** One changed letter in so many may be a slip; more is another word. */
const LETTERS_PER_SLIP = 6;

/** A variable that nobody reads, though its name is nearly that of one. */
export interface Misspelt {
  readonly name: string;
  readonly meant: string;
}

export function misspeltVariables(names: readonly string[]): Misspelt[] {
  return names.flatMap((name) => {
    const meant = meantBy(name);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

function meantBy(name: string): string | undefined {
  if (name.startsWith("PRINCIPAL_") || (VARIABLES as readonly string[]).includes(name)) {
    return undefined;
  }
  if (/^PRINCIP[A-Z]*_/i.test(name)) {
    return "PRINCIPAL_…";
  }
  return VARIABLES.find((known) => distance(name.toUpperCase(), known) <= known.length / LETTERS_PER_SLIP);
}

/** How many letters must be changed, added or taken away (Levenshtein's distance), row by row of the usual table. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(a).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const changed = (row[column - 1] ?? 0) + Number(letter !== b[column - 1]);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
