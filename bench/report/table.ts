import type { Quartiles } from "../../scripts/spread.ts";
import type { CallResult } from "../calls/rounds.ts";
import type { AtRest } from "../parts/at-rest.ts";
import type { Burst } from "../parts/burst.ts";
import type { Disk } from "../parts/disk.ts";
import type { Growth } from "../parts/growth.ts";
import type { Moves, Spread } from "../parts/moves.ts";
import type { Senders } from "../parts/senders/senders.ts";
import type { Session } from "../parts/sessions.ts";
import type { Compared, Startup } from "../parts/startup.ts";
import type { Results } from "./results.ts";
import { soaking } from "./soak-table.ts";
import { usualConnections } from "./usual.ts";

/** The results as Markdown: the ratios to the floor first, absolute figures under them. */
export function toMarkdown(results: Results): string {
  const {
    form,
    date,
    versions,
    machine,
    usersPerRound,
    rowBytes,
    calls,
    startup,
    atRest,
    senders,
    disks = [],
    growth,
    sessions,
    moves,
    burst,
    soak,
  } = results;
  const ran = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# What Rollcall costs",
    "",
    `The ${form} form of \`npm run bench\`, ${date}: ${ran.join(", ")}; ${machine.processors} processors (${machine.model}), ` +
      `${machine.memoryGiB} GiB. ${usersPerRound} users a round; a row has ${rowBytes} bytes. Each value is a median, with the ` +
      "quartiles behind it; each ratio is made within a round, to the floor or hello-world Worker in the same state.",
    "",
    ...ratios(calls),
    ...bareRatios(calls),
    ...onDisks(disks),
    ...absolutes(calls),
    ...(senders === undefined ? [] : sending(senders)),
    ...(startup === undefined ? [] : starting(startup)),
    ...(atRest === undefined ? [] : resting(atRest)),
    ...(growth === undefined ? [] : growing(growth)),
    ...(sessions === undefined ? [] : calling(sessions)),
    ...(moves === undefined ? [] : moving(moves)),
    ...(burst === undefined ? [] : bursting(burst)),
    ...(soak === undefined ? [] : soaking(soak)),
  ].join("\n");
}

function ratios(calls: readonly CallResult[]): string[] {
  const others = calls.filter(({ wire, baseline }) => wire !== baseline);
  if (others.length === 0) {
    return [];
  }
  const connections = usualConnections(calls);
  const rows = others
    .filter((call) => call.connections === connections)
    .map(({ title, wire, baseline, ratios: { cpuMicros, perSecond, p50Millis } }) => [
      ...[title, wire, baseline],
      ...[cpuMicros, perSecond, p50Millis].map((ratio) => (ratio === undefined ? "" : decimals(ratio, 2))),
    ]);
  return [
    `## Against the floor, over ${connections} connections`,
    "",
    "CPU and latency: less is better, and 1 is the floor. Requests a second: more is better.",
    "",
    ...markdownTable(["", "wire", "to", "CPU", "requests a second", "p50"], rows),
  ];
}

function bareRatios(calls: readonly CallResult[]): string[] {
  const connections = usualConnections(calls);
  const rows = calls.flatMap(({ title, wire, connections: own, rounds, toBare }) =>
    own !== connections || toBare === undefined
      ? []
      : [
          [
            ...[title, wire, String(rounds)],
            `${toBare.cpuMicros.mean.toFixed(2)}; ${decimals(toBare.cpuMicros, 2)}`,
            decimals(toBare.perSecond, 2),
          ],
        ],
  );
  return rows.length === 0
    ? []
    : [
        `## Against the bare steps over the same wire, over ${connections} connections`,
        "",
        "CPU: that of all rounds together, and the median of the rounds; 1 is the bare steps. Requests a second: more is better.",
        "",
        ...markdownTable(["", "wire", "rounds", "CPU", "requests a second"], rows),
      ];
}

function onDisks(disks: readonly Disk[]): string[] {
  const rows = disks[0]?.calls.map(({ step, title, wire, baseline }) => {
    const onEach = disks.map(({ calls }) => calls.find((call) => call.step === step && call.wire === wire));
    return wire === baseline
      ? [title, `${baseline}'s processor`, ...onEach.map((call) => busy(call).toFixed(2))]
      : [title, wire, ...onEach.map((call) => figure(call?.ratios.perSecond, 2))];
  });
  return rows === undefined
    ? []
    : [
        "## On slower disks",
        "",
        "How many of the floor's requests a second are served where each sync of the disk takes longer than this " +
          "machine's, and how much of one processor the floor keeps busy: where that is little, the disk is the limit.",
        "",
        ...markdownTable(["", "wire", ...disks.map(({ laterMillis }) => `+ ${laterMillis} ms`)], rows),
      ];
}

/** The part of one processor that was kept busy. */
function busy(call: CallResult | undefined): number {
  return ((call?.figures.cpuMicros?.median ?? Number.NaN) * (call?.figures.perSecond?.median ?? Number.NaN)) / 1e6;
}

function absolutes(calls: readonly CallResult[]): string[] {
  const rows = calls.map(({ title, wire, connections, rounds, figures }) => [
    ...[title, wire, String(connections), String(rounds)],
    figure(figures.cpuMicros, 0),
    figure(figures.perSecond, 0),
    figure(figures.p50Millis, 1),
    figure(figures.p99Millis, 1),
    figure(figures.diskBytes, 0),
    figure(figures.senderShare, 2),
  ]);
  const head = [
    "",
    "wire",
    "connections",
    "rounds",
    "CPU µs",
    "a second",
    "p50 ms",
    "p99 ms",
    "bytes to disk",
    "sender",
  ];
  return rows.length === 0
    ? []
    : [
        "## By the request, on this machine",
        "",
        "CPU is workerd's own. The sender is a process besides it, and this is the part of one processor that it took.",
        "",
        ...markdownTable(head, rows),
      ];
}

function starting({ rounds, firstMillis, tenthMillis, ...start }: Startup): string[] {
  const { bytes, gzipBytes, startMillis, startCpuMillis, laterMillis, moreCpuMillis } = start;
  const columns = (["rollcall", "hello", "base"] as const).filter((name) => bytes[name] !== undefined);
  const row = <Value>(title: string, values: Partial<Compared<Value>>, write: (value: Value) => string) => [
    title,
    ...columns.map((name) => (values[name] === undefined ? "" : write(values[name]))),
  ];
  const size = (count: number) => `${(count / 1_000).toFixed(1)} kB`;
  const millis = (value: Quartiles) => figure(value, 1);
  return [
    `## Start, ${rounds} rounds`,
    "",
    ...markdownTable(["", "Rollcall", "hello", "an older build"].slice(0, columns.length + 1), [
      row("bundle", bytes, size),
      row("compressed", gzipBytes, size),
      row("start to first answer, ms", startMillis, millis),
      row("processor time until then, ms", startCpuMillis, millis),
      row("Rollcall is later than, by ms", laterMillis, millis),
      row("and takes more processor time, ms", moreCpuMillis, millis),
      row("first registration after the start, ms", { rollcall: firstMillis }, millis),
      row("tenth, ms", { rollcall: tenthMillis }, millis),
    ]),
  ];
}

function sending({ rounds, users, variants: [without, ...others] }: Senders): string[] {
  const results = without?.results ?? [];
  const rows = results.map(({ title, to, ratio, cpuMicros, p50Millis }) => [
    ...[title, results.find(({ name }) => name === to)?.title ?? to, decimals(ratio, 2)],
    ...[figure(cpuMicros, 0), figure(p50Millis, 1)],
  ]);
  const beside = results.map(({ name, title }) => [
    title,
    ...others.map((variant) => {
      const own = variant.results.find((result) => result.name === name)?.toWithout;
      return own === undefined ? "" : `${own.mean.toFixed(2)}; ${decimals(own, 2)}`;
    }),
  ]);
  return [
    `## Senders, and launches of apps, ${rounds} rounds of ${users} users with two endpoints each`,
    "",
    "CPU is by the user, and its ratio is made within a round, to what the call takes the place of. Over REST.",
    "",
    ...markdownTable(["", "to", "CPU", "CPU µs a user", "p50 ms of a call"], rows),
    "## With a Directory",
    "",
    "CPU of the same calls, to that without one in the same round: by the mean of all rounds, and the median. What the Directory does " +
      "after the answer is in it.",
    "",
    ...markdownTable(["", ...others.map(({ name }) => name)], beside),
  ];
}

function resting({ users, rollcall, floor }: AtRest): string[] {
  const mib = ({ lower, median, upper }: Quartiles) =>
    figure({ lower: lower / 2 ** 20, median: median / 2 ** 20, upper: upper / 2 ** 20 }, 1);
  return [
    `## At rest, ${users} users with two endpoints each`,
    "",
    ...markdownTable(
      ["", "Rollcall", "floor"],
      [
        [
          "rows of a user, after 2 registrations and 2 replays",
          figure(rollcall.rowsPerUser, 0),
          figure(floor.rowsPerUser, 0),
        ],
        ["bytes of a user on the disk", figure(rollcall.bytesPerUser, 0), figure(floor.bytesPerUser, 0)],
        ["memory of 1,000 objects awake, MiB", mib(rollcall.memoryPer1000), mib(floor.memoryPer1000)],
      ],
    ),
  ];
}

function growing(growth: readonly Growth[]): string[] {
  const rows = growth.map(({ users, endpoints, call, rounds, cpuMicros, cpuRatio, p50Ratio }) => [
    ...[call, String(endpoints), users.toLocaleString("en"), String(rounds)],
    ...[decimals(cpuRatio, 2), decimals(p50Ratio, 2), figure(cpuMicros, 0)],
  ]);
  const order = rows.toSorted(([a = "", e = ""], [b = "", f = ""]) => a.localeCompare(b) || Number(e) - Number(f));
  return [
    "## Growth",
    "",
    "Ratios are to the smallest store with as many endpoints, in the same round. Over REST; the same number of users called.",
    "",
    ...markdownTable(["", "endpoints each", "users", "rounds", "CPU", "p50", "CPU µs"], order),
  ];
}

function calling(sessions: readonly Session[]): string[] {
  const rows = sessions.map(({ call, rounds, cpuMicros, cpuRatio }) => [
    ...[call, String(rounds), decimals(cpuRatio, 2), decimals(cpuMicros, 0)],
  ]);
  return [
    "## Sessions",
    "",
    "Ratios are to the list by an access key, in the same round. Over REST, by the same users.",
    "",
    ...markdownTable(["", "rounds", "CPU", "CPU µs"], rows),
  ];
}

function moving({ perSecond, results }: Moves): string[] {
  const both = ({ p50, p99 }: Spread) => `${p50.toFixed(1)}, ${p99.toFixed(1)}`;
  const rows = results.map(({ title, moves, registerMillis, goneMillis, ratio, goneAtOnce }) => [
    ...[title, String(moves), both(registerMillis), both(goneMillis)],
    ...[(goneMillis.p50 / registerMillis.p50).toFixed(2), (goneMillis.p99 / registerMillis.p99).toFixed(2)],
    ...[decimals(ratio, 2), `${(goneAtOnce * 100).toFixed(0)} %`],
  ]);
  return [
    "## When a device moves",
    "",
    "Bob registers Alice's phone. How long that takes, and how long from his answer until a resolve of Alice is answered without her endpoint: " +
      `that resolve is in it. The machine takes ${perSecond.toFixed(0)} registrations a second.`,
    "",
    ...markdownTable(
      [
        ...["", "moves", "registered after ms: p50, p99", "gone after ms: p50, p99"],
        ...["p50 to p50", "p99 to p99", "each to its own", "gone at the first look"],
      ],
      rows,
    ),
  ];
}

function bursting({ perSecond, results }: Burst): string[] {
  const rows = results.map(({ times, seconds, users, waitMillis: { p50, p99 }, allSeconds, toldToWait }) => [
    ...[`${times} × that, for ${seconds} s`, String(users), p50.toFixed(0), p99.toFixed(0)],
    ...[(allSeconds / seconds).toFixed(2), `${(toldToWait * 100).toFixed(0)} %`],
  ]);
  return [
    "## A burst of calls, as on the day of a release",
    "",
    `The machine takes ${perSecond.toFixed(0)} registrations of new users a second, with \`DEVICES=move\`. Half of those who come are new, and the objects ` +
      "of the others sleep. A wait is from when a user's app first calls until it is registered.",
    "",
    ...markdownTable(
      [
        "",
        "users",
        "wait, p50 ms",
        "wait, p99 ms",
        "until all are served, to the time in which they came",
        "told to come later",
      ],
      rows,
    ),
    "![What users wait for](burst.svg)",
    "",
  ];
}

export function figure(value: Quartiles | undefined, digits: number): string {
  return value === undefined ? "" : decimals(value, digits);
}

/** "1.42 (1.38–1.47)", or the median alone where there is nothing beside it. */
export function decimals({ lower, median, upper }: Quartiles, digits: number): string {
  const [low, middle, high] = [lower, median, upper].map((value) => value.toFixed(digits));
  return low === high ? `${middle}` : `${middle} (${low}–${high})`;
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line), ""];
}
