import { parseArgs } from "node:util";
import { STEPS, THROTTLE_STEPS } from "./calls/steps.ts";
import type { BurstOptions } from "./parts/burst.ts";
import type { MovesOptions } from "./parts/moves.ts";
import type { SoakOptions } from "./parts/soak/soak.ts";

/** What is measured besides the steps of a round. */
export const PARTS = ["startup", "at-rest", "senders", "growth", "disk", "sessions", "moves", "burst", "soak"] as const;
export type Part = (typeof PARTS)[number];

/** How much is measured. */
export interface Options {
  readonly form: keyof typeof FORMS;
  /** The steps and parts asked for; undefined: all of this form. */
  readonly only?: readonly string[];
  /** How long rounds of calls are played, and the rounds before them that count for nothing. */
  readonly minutes: number;
  readonly warmUps: number;
  /** In a round, and at rest. */
  readonly users: number;
  /** At a time, round by round. */
  readonly connections: readonly number[];
  readonly startupRounds: number;
  readonly atRestRounds: number;
  readonly senderRounds: number;
  /** In each of these rounds, half of them in a batch. */
  readonly senderUsers: number;
  /** Users of the stores on which growth would show, the smallest first; none: it is not measured unless asked for. */
  readonly stores: readonly number[];
  readonly growthRounds: number;
  /** By how many milliseconds a sync takes longer on the disks that are made slow; none, as above. */
  readonly slowDisks: readonly number[];
  readonly diskRounds: number;
  /** In each of these rounds, which are small: each new user's database takes several syncs. */
  readonly diskUsers: number;
  readonly sessionRounds: number;
  readonly moves: MovesOptions;
  readonly burst: BurstOptions;
  /** Absent: it is not measured. */
  readonly soak?: SoakOptions;
  /** The bundle of an earlier build, which is measured besides. */
  readonly base?: string;
  /** Where the results go; undefined where only some are asked for. */
  readonly out?: string;
}

const STORES = [100, 10_000, 100_000];
const SLOW_DISKS = [0, 1, 2, 5];

const FORMS = {
  // Most rounds are of the usual number of connections.
  short: {
    ...{ minutes: 2.5, warmUps: 3, users: 200, connections: [8, 1, 8, 32] },
    ...{
      startupRounds: 10,
      atRestRounds: 1,
      senderRounds: 5,
      senderUsers: 200,
      stores: [],
      growthRounds: 10,
      slowDisks: [],
      diskRounds: 8,
      diskUsers: 100,
      sessionRounds: 10,
      moves: { moves: 200, movesAsleep: 50, loadSeconds: 5 },
      burst: { seconds: 5, times: [0.5, 1, 2], sleeps: true },
    },
  },
  long: {
    ...{ minutes: 20, warmUps: 4, users: 400, connections: [8, 1, 32] },
    ...{
      startupRounds: 30,
      atRestRounds: 5,
      senderRounds: 12,
      senderUsers: 200,
      stores: STORES,
      growthRounds: 10,
      slowDisks: SLOW_DISKS,
      diskRounds: 8,
      diskUsers: 100,
      sessionRounds: 40,
      moves: { moves: 1_000, movesAsleep: 200, loadSeconds: 20 },
      burst: { seconds: 10, times: [0.5, 1, 2], sleeps: true },
    },
  },
  // Shows that everything can be measured, and measures nothing well.
  smallest: {
    ...{ minutes: 0, warmUps: 1, users: 10, connections: [8] },
    ...{
      startupRounds: 1,
      atRestRounds: 1,
      senderRounds: 1,
      senderUsers: 20,
      stores: [100, 200],
      growthRounds: 1,
      slowDisks: [0, 1],
      diskRounds: 1,
      diskUsers: 10,
      sessionRounds: 1,
      moves: { moves: 10, movesAsleep: 0, loadSeconds: 0.5 },
      burst: { seconds: 0.2, times: [2], sleeps: false },
      soak: { minutes: 0.1, people: 200, findSeconds: 1, warmSeconds: 0.5, everySeconds: 0.5 },
    },
  },
} as const;

/** An hour, if nothing else is said. */
const SOAK: SoakOptions = { minutes: 60, people: 5_000, findSeconds: 20, warmSeconds: 60, everySeconds: 10 };

export const CASES = [...STEPS, ...THROTTLE_STEPS].filter(({ baseline }) => baseline !== undefined);

export const USAGE = `Usage: npm run bench -- [--long] [--only CASE …] [--minutes N] [--users N] [--connections N …] [--base BUNDLE] [--out DIR]

  --long           for scale: more of everything, growth, and slow disks; it takes more than an hour
  --smallest       whether it still works, in half a minute
  --only CASE      that alone, printed, and kept only with --out; may be repeated. One of
                   ${[...CASES.map(({ name }) => name), ...PARTS].join(", ")}
  --minutes N      how long rounds of calls are played, or a soak lasts, which is an hour if nothing else is said
  --users N        users in a round, or in play in a soak
  --connections N  at a time, round by round; may be repeated
  --base BUNDLE    an earlier build of Rollcall, dist/index/index.js, beside this one
  --out DIR        where the results go, instead of bench/results`;

/** What the arguments say, or undefined where they make no sense. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values === undefined || !makesSense(values)) {
    return undefined;
  }
  const { long, smallest, only, minutes, users, connections, base, out } = values;
  const form = long ? "long" : smallest ? "smallest" : "short";
  return {
    form,
    ...FORMS[form],
    ...(only && { only }),
    ...(form !== "smallest" && askedFor(only)),
    ...(only?.includes("soak") && { soak: soakOf(form, minutes, users) }),
    ...(minutes !== undefined && { minutes: Number(minutes) }),
    ...(users !== undefined && { users: Number(users) }),
    ...(connections && { connections: connections.map(Number) }),
    ...(base !== undefined && { base }),
    ...keptIn(only, out),
  };
}

/** What takes so long that it is measured only if it is named. */
function askedFor(only: readonly string[] | undefined): Partial<Options> {
  return {
    ...(only?.includes("growth") && { stores: STORES }),
    ...(only?.includes("disk") && { slowDisks: SLOW_DISKS }),
  };
}

function soakOf(form: Options["form"], minutes: string | undefined, users: string | undefined): SoakOptions {
  const { minutes: usual, people, ...soak } = form === "smallest" ? FORMS.smallest.soak : SOAK;
  return { ...soak, minutes: Number(minutes ?? usual), people: Number(users ?? people) };
}

function keptIn(only: readonly string[] | undefined, out: string | undefined): Pick<Options, "out"> {
  const folder = out ?? (only === undefined ? `${import.meta.dirname}/results` : undefined);
  return folder === undefined ? {} : { out: folder };
}

type Values = NonNullable<ReturnType<typeof parse>>;

function makesSense({ only, minutes, users, connections = [] }: Values): boolean {
  const known = new Set<string>([...CASES.map(({ name }) => name), ...PARTS]);
  const numbers = [minutes, users, ...connections].filter((text) => text !== undefined).map(Number);
  return (only ?? []).every((name) => known.has(name)) && numbers.every((number) => number >= 0);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        long: { type: "boolean", default: false },
        smallest: { type: "boolean", default: false },
        only: { type: "string", multiple: true },
        minutes: { type: "string" },
        users: { type: "string" },
        connections: { type: "string", multiple: true },
        base: { type: "string" },
        out: { type: "string" },
      },
    }).values;
  } catch {
    return undefined;
  }
}
