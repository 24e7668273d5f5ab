/**
 * `npm run bench`: what Rollcall costs on bare workerd, as ratios to a floor. See bench/README.md.
 */
import { parseArgs } from "node:util";
import { bundle } from "../scripts/bundle.ts";
import { startTemporaryWorkerd } from "../scripts/workerd/temporary.ts";
import { Contestant } from "./contestant.ts";
import type { Sample } from "./load/send-all.ts";
import { rowBytes } from "./row-bytes.ts";
import { spread } from "./spread.ts";
import { STEPS } from "./steps.ts";
import { connectWire, floorWire, restWire } from "./wires.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    rounds: { type: "string", default: "10" },
    users: { type: "string", default: "400" },
    connections: { type: "string", default: "8" },
  },
});
const rounds = Number(options.rounds);
const last = STEPS.findLastIndex(({ name }) => options.only?.includes(name) ?? true);
const steps = STEPS.slice(0, last + 1).filter(
  ({ name, users }) => users === "new" || (options.only?.includes(name) ?? true),
);
if (last === -1) {
  throw new Error(`--only takes ${STEPS.map(({ name }) => name).join(", ")}`);
}

const LIMITS_OFF = { LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1000", OPERATION_BURST: "10000" };
const [worker, floor] = [bundle("src/index.ts"), bundle("bench/workers/floor.ts")];
const bytes = await rowBytes(worker);
const start = (file: string) => startTemporaryWorkerd(file, LIMITS_OFF);
const [onFloor, onRest, onJson, onBinary] = await Promise.all([floor, worker, worker, worker].map(start));
if (onFloor === undefined || onRest === undefined || onJson === undefined || onBinary === undefined) {
  throw new Error("unreachable");
}
const contestants = [
  new Contestant("floor", onFloor, floorWire(onFloor.url, bytes)),
  new Contestant("REST, SigV4", onRest, restWire(onRest.url)),
  new Contestant("Connect JSON, JWT", onJson, connectWire(onJson.url, "json")),
  new Contestant("Connect binary, JWT", onBinary, connectWire(onBinary.url, "proto")),
];
const results = new Map<string, Partial<Sample>[]>();
try {
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      process.stderr.write(
        `\r${round < 0 ? "warming up" : `round ${round + 1} of ${rounds}`}: ${contestant.name}\x1b[K`,
      );
      for (const [step, sample] of await contestant.round(steps, Number(options.users), Number(options.connections))) {
        const key = `${step}/${contestant.name}`;
        results.set(key, round < 0 ? [] : [...(results.get(key) ?? []), sample]);
      }
    }
  }
} finally {
  process.stderr.write("\n");
  await Promise.all(contestants.map((contestant) => contestant.stop()));
}
console.log(`a row has ${bytes} bytes; ${options.users} users a round, ${options.connections} connections`);
console.log("| step | wire | CPU × floor | rps × floor | CPU µs | rps | p50 ms | p99 ms | disk bytes | sender |");
console.log("|---|---|---|---|---|---|---|---|---|---|");
for (const step of [...steps.map(({ name }) => name), "sleep"].filter((name) => options.only?.includes(name) ?? true)) {
  for (const { name } of contestants) {
    const own = results.get(`${step}/${name}`) ?? [];
    const base = results.get(`${step}/floor`) ?? [];
    const of = (figure: keyof Sample) => spread(own.map((sample) => sample[figure] ?? Number.NaN));
    const ratio = (figure: keyof Sample) =>
      spread(own.map((sample, n) => (sample[figure] ?? Number.NaN) / (base[n]?.[figure] ?? Number.NaN)));
    const cells = [step, name, ratio("cpuMicros"), ratio("perSecond")];
    const figures = ["cpuMicros", "perSecond", "p50Millis", "p99Millis", "diskBytes", "senderShare"] as const;
    console.log(`| ${[...cells, ...figures.map(of)].join(" | ")} |`);
  }
}
