/** Rounds of all contestants in turn, and what they came to. */

import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import type { Sample } from "../load/send-all.ts";
import { shuffled } from "../load/shuffled.ts";
import type { RoundSamples, Runner } from "./contestant.ts";
import { STEPS, type Step, THROTTLE_STEPS } from "./steps.ts";

/** One step on one wire over so many connections. */
export interface CallResult {
  readonly step: string;
  readonly title: string;
  readonly wire: string;
  readonly connections: number;
  readonly baseline: "floor" | "hello";
  readonly rounds: number;
  /** To the baseline in the same round: below 1 is less. */
  readonly ratios: Partial<Record<keyof Sample, Quartiles>>;
  readonly figures: Partial<Record<keyof Sample, Quartiles>>;
  /** To the bare steps over the same wire, in the same round; absent where these do not go so far. */
  readonly toBare?: ToBare;
}

export interface ToBare {
  /** Beside the median that of all rounds together, in which what comes rarely counts wherever it comes. */
  readonly cpuMicros: Quartiles & { readonly mean: number };
  readonly perSecond: Quartiles;
}

export interface Play {
  /** Milliseconds; the round that runs when they are over is played to its end, and each number of connections has one at least. */
  readonly forMillis: number;
  readonly users: number;
  /** Round after round the next of these. */
  readonly connections: readonly number[];
  readonly warmUps: number;
  readonly tell: (progress: string) => void;
}

interface Round {
  readonly connections: number;
  readonly samples: ReadonlyMap<Runner, RoundSamples>;
}

/** Contestants take turns within a round, in another order each time, so that a machine that slows down slows all alike. */
export async function playRounds(runners: readonly Runner[], play: Play): Promise<CallResult[]> {
  const rounds: Round[] = [];
  const end = performance.now() + play.forMillis;
  for (let n = -play.warmUps; n < play.connections.length || performance.now() < end; n++) {
    const connections = play.connections[Math.max(n, 0) % play.connections.length] ?? 1;
    const samples = new Map<Runner, RoundSamples>();
    for (const runner of shuffled(runners)) {
      play.tell(`${n < 0 ? "warming up" : `round ${n + 1}, ${connections} connections`}: ${runner.contestant.name}`);
      samples.set(runner, await runner.round(play.users, connections));
    }
    if (n >= 0) {
      rounds.push({ connections, samples });
    }
  }
  return resultsOf(runners, rounds);
}

const SLEEP = { name: "sleep", title: "putting an object to sleep", baseline: "floor" } as const;

function resultsOf(runners: readonly Runner[], rounds: readonly Round[]): CallResult[] {
  const steps = [...STEPS, ...THROTTLE_STEPS, SLEEP];
  const numbers = [...new Set(rounds.map(({ connections }) => connections))].sort((a, b) => a - b);
  return steps.flatMap((step) =>
    runners.flatMap((runner) => numbers.flatMap((connections) => resultOf(step, runner, connections, runners, rounds))),
  );
}

function resultOf(
  step: Pick<Step, "name" | "title" | "baseline">,
  runner: Runner,
  connections: number,
  runners: readonly Runner[],
  rounds: readonly Round[],
): CallResult[] {
  const { name, title, baseline } = step;
  const base = runners.find(({ contestant }) => contestant.name === baseline);
  const pairs = rounds
    .filter((round) => round.connections === connections)
    .map(({ samples }) => ({ own: samples.get(runner)?.get(name), base: base && samples.get(base)?.get(name) }))
    .filter((pair) => pair.own !== undefined && pair.base !== undefined);
  if (baseline === undefined || pairs.length === 0) {
    return [];
  }
  const figure = (of: (pair: (typeof pairs)[number], key: keyof Sample) => number) =>
    Object.fromEntries(
      FIGURES.map((key) => [key, pairs.map((pair) => of(pair, key)).filter(Number.isFinite)] as const)
        .filter(([, values]) => values.length > 0)
        .map(([key, values]) => [key, quartiles(values)]),
    );
  return [
    {
      ...{ step: name, title, wire: runner.contestant.name, connections, baseline, rounds: pairs.length },
      ratios: figure(({ own, base }, key) => (own?.[key] ?? Number.NaN) / (base?.[key] ?? Number.NaN)),
      figures: figure(({ own }, key) => own?.[key] ?? Number.NaN),
      ...toBare(
        name,
        runner,
        runners,
        rounds.filter((round) => round.connections === connections),
      ),
    },
  ];
}

function toBare(step: string, runner: Runner, runners: readonly Runner[], rounds: readonly Round[]) {
  const bare = runners.find(({ contestant }) => contestant.name === runner.contestant.bare);
  const pairs = rounds.flatMap(({ samples }) => {
    const [own, other] = [samples.get(runner)?.get(step), bare && samples.get(bare)?.get(step)];
    return own?.perSecond && other?.perSecond ? [{ own, other } as { own: Sample; other: Sample }] : [];
  });
  if (pairs.length === 0) {
    return {};
  }
  const ratios = (key: "cpuMicros" | "perSecond") => quartiles(pairs.map(({ own, other }) => own[key] / other[key]));
  const sum = (of: "own" | "other") => pairs.reduce((total, pair) => total + pair[of].cpuMicros, 0);
  const cpuMicros = { ...ratios("cpuMicros"), mean: sum("own") / sum("other") };
  return { toBare: { cpuMicros, perSecond: ratios("perSecond") } };
}

const FIGURES: readonly (keyof Sample)[] = [
  ...(["cpuMicros", "perSecond", "p50Millis", "p99Millis", "diskBytes", "senderShare"] as const),
];
