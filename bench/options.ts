import { parseArgs } from "node:util";
import { STEPS, THROTTLE_STEPS } from "./calls/steps.ts";

/** What is measured besides the steps of a round. */
const PARTS = ["startup", "at-rest"] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly long: boolean;
  /** The steps and parts asked for; undefined: all of this form. */
  readonly only?: readonly string[];
  /** How long rounds are played. */
  readonly minutes: number;
  readonly users: number;
  readonly connections: readonly number[];
  /** Where the results go; undefined where only some are asked for. */
  readonly out?: string;
}

const CASES = [...STEPS, ...THROTTLE_STEPS].filter(({ baseline }) => baseline !== undefined);

export const USAGE = `Usage: npm run bench -- [--long] [--only CASE …] [--minutes N] [--users N] [--connections N …] [--out DIR]

  --long           for scale: all connections alike, and half an hour
  --only CASE      that alone, printed and not kept; may be repeated. One of
                   ${[...CASES.map(({ name }) => name), ...PARTS].join(", ")}
  --minutes N      how long rounds are played
  --users N        users in a round
  --connections N  at a time, round by round; may be repeated
  --out DIR        where the results go, instead of bench/results`;

/** What the arguments say, or undefined where they make no sense. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values === undefined) {
    return undefined;
  }
  const { long, only, minutes, users, connections, out } = values;
  const known = new Set<string>([...CASES.map(({ name }) => name), ...PARTS]);
  const numbers = [minutes, users, ...(connections ?? [])].filter((text) => text !== undefined).map(Number);
  if (only?.some((name) => !known.has(name)) || numbers.some((number) => !(number >= 0))) {
    return undefined;
  }
  return {
    long,
    ...(only && { only }),
    minutes: Number(minutes ?? (long ? 20 : 3)),
    users: Number(users ?? 200),
    // Most rounds of the short form are of the usual number.
    connections: connections?.map(Number) ?? (long ? [1, 8, 32] : [8, 1, 8, 32]),
    ...(only === undefined && { out: out ?? `${import.meta.dirname}/results` }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        long: { type: "boolean", default: false },
        only: { type: "string", multiple: true },
        minutes: { type: "string" },
        users: { type: "string" },
        connections: { type: "string", multiple: true },
        out: { type: "string" },
      },
    }).values;
  } catch {
    return undefined;
  }
}
