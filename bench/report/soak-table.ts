import type { Quartiles } from "../../scripts/spread.ts";
import type { Spread } from "../parts/moves.ts";
import type { Kind } from "../parts/soak/crowd.ts";
import type { Kept } from "../parts/soak/observe.ts";
import type { Soak, SoakSample } from "../parts/soak/soak.ts";
import { grows, type Tolerance, type Trend, trendOf } from "../parts/soak/trend.ts";
import { markdownTable } from "./table.ts";

interface Figure {
  readonly name: string;
  readonly of: (sample: SoakSample) => number | undefined;
  readonly digits: number;
  /** For what is to stay as it is. */
  readonly tolerance?: Tolerance;
}

const MEMORY: Tolerance = { part: 0.1, least: 16 };

/** A connection is one, and each user who is awake three. */
const FILES: Tolerance = { part: 0.1, least: 50 };

/** Node starts some of its own when it needs them first. */
const THREADS: Tolerance = { part: 0.1, least: 8 };

const HELD: readonly Figure[] = [
  { name: "memory of workerd, MiB", of: ({ workerd }) => workerd.memoryMiB, digits: 0, tolerance: MEMORY },
  { name: "memory of the gateway, MiB", of: ({ gateway }) => gateway.memoryMiB, digits: 0, tolerance: MEMORY },
  { name: "open files of workerd", of: ({ workerd }) => workerd.files, digits: 0, tolerance: FILES },
  { name: "open files of the gateway", of: ({ gateway }) => gateway.files, digits: 0, tolerance: FILES },
  { name: "threads of workerd", of: ({ workerd }) => workerd.threads, digits: 0, tolerance: THREADS },
  { name: "threads of the gateway", of: ({ gateway }) => gateway.threads, digits: 0, tolerance: THREADS },
  { name: "processor time of a call, µs", of: ({ cpuMicros }) => cpuMicros, digits: 0 },
  { name: "all calls, p50 ms", of: ({ millis }) => millis.p50, digits: 1 },
  { name: "all calls, p99 ms", of: ({ millis }) => millis.p99, digits: 1 },
];

/** What of that which is to stay as it is does not, and what came that was not expected. */
export function whatGrows(soak: Soak): string[] {
  const grown = HELD.filter(({ of, tolerance }) => tolerance !== undefined && grows(trend(soak, of), tolerance));
  const { unexpected } = soak;
  return [
    ...grown.map(({ name }) => name),
    ...Object.entries(unexpected).map(([what, times]) => `${what}, ${times} times`),
  ];
}

export function soaking(soak: Soak): string[] {
  const { minutes, takes, perSecond, people, calls, byWay, samples } = soak;
  const kinds = [...new Set(samples.flatMap(({ byKind }) => Object.keys(byKind) as Kind[]))];
  const failed = whatGrows(soak);
  return [
    "## A soak",
    "",
    `The machine takes ${takes.toFixed(0)} calls of this mix a second. For ${minutes} minutes it was made ${perSecond.toFixed(0)} a second, with \`DEVICES=move\`, ` +
      `sessions and events to a receiver, by ${people} users in play, most of whom sleep at any moment; ${calls} calls, of which ` +
      `${Object.entries(byWay)
        .map(([way, count]) => `${((count / calls) * 100).toFixed(0)} % came by ${way}`)
        .join(", ")}.`,
    "",
    failed.length === 0
      ? "**Flat**: of what a process holds nothing is more in the last sixth of the time than in the first by more than a tenth and the spread, and every call was answered as it should be."
      : `**Not flat**: ${failed.join("; ")}.`,
    "",
    "Medians of the first and the last sixth of the time, with the quartiles behind them, and the slope by Theil and Sen.",
    "",
    ...markdownTable(
      ["", "first", "last", "last to first", "an hour"],
      HELD.map((each) => row(soak, each)),
    ),
    "How long each kind of call took, from when it was due, in ms.",
    "",
    ...markdownTable(
      ["", "p50, first", "p50, last", "p99, first", "p99, last"],
      kinds.map((kind) => [kind, ...latencies(soak, kind, "p50"), ...latencies(soak, kind, "p99")]),
    ),
    ...keeping(samples),
    "![How a soak went](soak.svg)",
    "",
  ];
}

function row(soak: Soak, { name, of, digits }: Figure): string[] {
  const { first, last, ratio, perHour } = trend(soak, of);
  return [
    name,
    told(first, digits),
    told(last, digits),
    ratio.toFixed(2),
    `${perHour > 0 ? "+ " : ""}${perHour.toFixed(digits + 1)}`,
  ];
}

function latencies(soak: Soak, kind: Kind, part: keyof Spread): string[] {
  const { first, last } = trend(soak, ({ byKind }) => byKind[kind]?.[part]);
  return [first, last].map((each) => told(each, 1));
}

function told({ lower, median, upper }: Quartiles, digits: number): string {
  return `${median.toFixed(digits)} (${lower.toFixed(digits)}–${upper.toFixed(digits)})`;
}

/** What may grow, because it is data: by what. */
function keeping(samples: readonly SoakSample[]): string[] {
  const kept = samples.flatMap(({ kept }) => kept ?? []);
  const [first, last] = [kept[0], kept.at(-1)];
  if (first === undefined || last === undefined) {
    return [];
  }
  const more = (of: keyof Kept) => last[of] - first[of];
  return [
    `What grows is what is kept: ${first.users} users became ${last.users}, each with one file, of ${((last.usersMiB * 1_024) / last.users).toFixed(1)} KiB on average ` +
      `(at first ${((first.usersMiB * 1_024) / first.users).toFixed(1)}), and the Directory's files became ${more("directoryMiB").toFixed(1)} MiB more.`,
    "",
  ];
}

function trend({ samples }: Soak, of: Figure["of"]): Trend {
  const points = samples.flatMap((sample) => {
    const value = of(sample);
    return value === undefined ? [] : [{ atSeconds: sample.atSeconds, value }];
  });
  return trendOf(points);
}
