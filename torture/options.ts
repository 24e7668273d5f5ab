import { parseArgs } from "node:util";
import type { Attack } from "./attack.ts";

export interface Options {
  readonly seed: string;
  readonly attacks: readonly Attack[];
  /** How long, or which round alone; neither: the short forms. */
  readonly minutes?: number;
  readonly round?: number;
}

export function usage(attacks: readonly Attack[]): string {
  return `Usage: npm run torture -- --minutes N | --short | --only ATTACK --round N [--seed S]

  --minutes N    how long, all attacks together
  --short        each attack's short form, as the tests have it
  --only ATTACK  one of ${attacks.map(({ name }) => name).join(", ")}
  --round N      that round of it alone, as a loss names it
  --seed S       decides everything that is left to chance; one is made up, and told, if not given`;
}

/** What the arguments say, or undefined where they make no sense. */
export function readOptions(args: readonly string[], all: readonly Attack[]): Options | undefined {
  const values = parse(args);
  if (values === undefined) {
    return undefined;
  }
  const { seed = String(Date.now()), only, short, minutes, round } = values;
  const attacks = all.filter(({ name }) => only === undefined || only === name);
  const ways = [short || undefined, minutes, round].filter((way) => way !== undefined);
  const numbers = [minutes, round].filter((text) => text !== undefined).map(Number);
  const isSound = ways.length === 1 && attacks.length > 0 && numbers.every((number) => number >= 0);
  return isSound && (round === undefined || only !== undefined)
    ? {
        seed,
        attacks,
        ...(minutes !== undefined && { minutes: Number(minutes) }),
        ...(round !== undefined && { round: Number(round) }),
      }
    : undefined;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string" },
        short: { type: "boolean" },
        seed: { type: "string" },
        only: { type: "string" },
        round: { type: "string" },
      },
    }).values;
  } catch {
    return undefined;
  }
}
