import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Bundles } from "../bundles.ts";
import { restWire } from "../calls/wires.ts";
import { requireStatus, sendAll } from "../load/send-all.ts";

/** What the Worker weighs and how fast it starts, against the hello-world Worker. */
export interface Startup {
  readonly rounds: number;
  readonly gzipBytes: { readonly rollcall: number; readonly hello: number };
  /** From the start of the process to its first answer, which is to /health. */
  readonly startMillis: { readonly rollcall: Quartiles; readonly hello: Quartiles };
  /** How much later than the hello-world Worker, in the same round. */
  readonly laterMillis: Quartiles;
  /** The first registration after the start, and the tenth; each is a new user's. */
  readonly firstMillis: Quartiles;
  readonly tenthMillis: Quartiles;
}

/** Both Workers start in turn, so many times. */
export async function measureStartup(
  { rollcall, hello }: Bundles,
  rounds: number,
  tell: (progress: string) => void,
): Promise<Startup> {
  const starts: { rollcall: number; hello: number; first: number; tenth: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    tell(`start ${round + 1} of ${rounds}`);
    const simple = await startTemporaryWorkerd(hello);
    await simple.stop();
    const workerd = await startTemporaryWorkerd(rollcall);
    const { register } = restWire(workerd.url);
    const millis: number[] = [];
    for (let call = 0; call < 10; call++) {
      const arn = `arn:aws:chime:us-east-1:123456789012:app-instance/bench/user/first-${call}`;
      const { sample, answers } = await sendAll(workerd, [await register({ arn, endpointId: "" }, 1)], 1);
      requireStatus(201, answers);
      millis.push(sample.p50Millis);
    }
    await workerd.stop();
    const [first = Number.NaN, tenth = Number.NaN] = [millis[0], millis[9]];
    starts.push({ rollcall: workerd.startMs, hello: simple.startMs, first, tenth });
  }
  return {
    rounds,
    gzipBytes: { rollcall: gzipBytes(rollcall), hello: gzipBytes(hello) },
    startMillis: {
      rollcall: quartiles(starts.map((start) => start.rollcall)),
      hello: quartiles(starts.map((start) => start.hello)),
    },
    laterMillis: quartiles(starts.map((start) => start.rollcall - start.hello)),
    firstMillis: quartiles(starts.map(({ first }) => first)),
    tenthMillis: quartiles(starts.map(({ tenth }) => tenth)),
  };
}

function gzipBytes(path: string): number {
  return gzipSync(readFileSync(path)).byteLength;
}
