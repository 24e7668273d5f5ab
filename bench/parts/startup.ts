import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import type { Bundles } from "../bundles.ts";
import { restWire } from "../calls/wires.ts";
import { accountOf } from "../load/account.ts";
import { requireStatus, sendAll } from "../load/send-all.ts";
import { serve } from "../load/serve.ts";
import { shuffled } from "../load/shuffled.ts";

/** What the Worker weighs and how fast it starts, against the hello-world Worker. */
export interface Startup {
  readonly rounds: number;
  readonly bytes: Compared<number>;
  readonly gzipBytes: Compared<number>;
  /** From the start of the process to its first answer, which is to /health. */
  readonly startMillis: Compared<Quartiles>;
  /** The processor time of all its threads until then, which other programs on the machine change less. */
  readonly startCpuMillis: Compared<Quartiles>;
  /** How much more than each other in the same round. */
  readonly laterMillis: Omit<Compared<Quartiles>, "rollcall">;
  readonly moreCpuMillis: Omit<Compared<Quartiles>, "rollcall">;
  /** The first registration after the start, and the tenth; each is a new user's. */
  readonly firstMillis: Quartiles;
  readonly tenthMillis: Quartiles;
}

export interface Compared<Value> {
  readonly rollcall: Value;
  readonly hello: Value;
  /** An older build. */
  readonly base?: Value;
}

interface Start {
  readonly millis: number;
  readonly cpuMillis: number;
}

/** Each Worker starts in turn, so many times, and in an order of its own each time. */
export async function measureStartup(
  { rollcall, hello }: Bundles,
  base: string | undefined,
  rounds: number,
  tell: (progress: string) => void,
): Promise<Startup> {
  const bundles = { rollcall, hello, ...(base !== undefined && { base: resolve(base) }) };
  const starts: Compared<Start[]> = { rollcall: [], hello: [], ...(base !== undefined && { base: [] }) };
  const registrations: { first: number; tenth: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    tell(`start ${round + 1} of ${rounds}`);
    for (const name of shuffled(Object.keys(bundles) as (keyof typeof bundles)[])) {
      const workerd = await serve(bundles[name] ?? "");
      starts[name]?.push(startOf(workerd));
      if (name === "rollcall") {
        registrations.push(await registerTenTimes(workerd));
      }
      await workerd.stop();
    }
  }
  const spreads = (member: keyof Start) => compared(starts, (each) => quartiles(each.map((start) => start[member])));
  const more = (member: keyof Start) => {
    const own = starts.rollcall.map((start) => start[member]);
    const { rollcall: _, ...others } = compared(starts, (each) =>
      quartiles(each.map((start, round) => (own[round] ?? Number.NaN) - start[member])),
    );
    return others;
  };
  return {
    rounds,
    bytes: compared(bundles, (path) => readFileSync(path).byteLength),
    gzipBytes: compared(bundles, (path) => gzipSync(readFileSync(path)).byteLength),
    startMillis: spreads("millis"),
    startCpuMillis: spreads("cpuMillis"),
    laterMillis: more("millis"),
    moreCpuMillis: more("cpuMillis"),
    firstMillis: quartiles(registrations.map(({ first }) => first)),
    tenthMillis: quartiles(registrations.map(({ tenth }) => tenth)),
  };
}

function compared<From, To>({ rollcall, hello, base }: Compared<From>, map: (each: From) => To): Compared<To> {
  return { rollcall: map(rollcall), hello: map(hello), ...(base !== undefined && { base: map(base) }) };
}

/** Of one that has just answered. */
function startOf({ startMs, process }: Workerd): Start {
  return { millis: startMs, cpuMillis: accountOf(process.pid ?? 0).cpuMicros / 1_000 };
}

async function registerTenTimes(workerd: Workerd): Promise<{ first: number; tenth: number }> {
  const { register } = restWire(workerd.url);
  const millis: number[] = [];
  for (let call = 0; call < 10; call++) {
    const arn = `arn:aws:chime:us-east-1:123456789012:app-instance/bench/user/first-${call}`;
    const { sample, answers } = await sendAll(workerd, [await register({ arn, endpointId: "" }, 1)], 1);
    requireStatus(201, answers);
    millis.push(sample.p50Millis);
  }
  const [first = Number.NaN, tenth = Number.NaN] = [millis[0], millis[9]];
  return { first, tenth };
}
