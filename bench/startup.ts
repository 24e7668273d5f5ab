/**
 * What the Worker weighs and how fast it starts, as ratios to a hello-world Worker, and where the first check of
 * constraints is paid. Both are bundled as `wrangler deploy` bundles, and started in turn on bare workerd.
 *
 *     node bench/startup.ts [ROUNDS]
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bundle } from "../scripts/bundle.ts";
import { startTemporaryWorkerd } from "../scripts/workerd/temporary.ts";
import { spread } from "./spread.ts";

const rounds = Number(process.argv[2] ?? 15);

const bundles = { hello: bundle("bench/workers/hello.ts"), rollcall: bundle("src/index.ts") };
const startMs = { hello: [] as number[], rollcall: [] as number[] };
const callMs: number[][] = [];

for (let round = 0; round < rounds; round++) {
  for (const name of ["hello", "rollcall"] as const) {
    const worker = await startTemporaryWorkerd(bundles[name]);
    startMs[name].push(worker.startMs);
    if (name === "rollcall") {
      callMs.push(await callsAfterStart(worker.url));
    }
    await worker.stop();
  }
  process.stderr.write(`\rround ${round + 1} of ${rounds}`);
}
process.stderr.write("\n");

const ratios = startMs.rollcall.map((ms, round) => ms / (startMs.hello[round] ?? Number.NaN));
const [bytes, helloBytes] = [gzipBytes(bundles.rollcall), gzipBytes(bundles.hello)];
console.log(`bundle, gzip: ${bytes} bytes, ${(bytes / helloBytes).toFixed(0)} × hello-world (${helloBytes} bytes)`);
console.log(
  `start to first answer: ${spread(ratios)} × hello-world (ms: ${spread(startMs.rollcall)} to ${spread(startMs.hello)})`,
);
for (const [index, name] of ["first", "second", "third", "tenth"].entries()) {
  const perCall = callMs.map((calls) => (calls[index] ?? 0) / (calls[3] ?? Number.NaN));
  console.log(`${name} refused call after start: ${spread(perCall)} × the tenth`);
}

/** Milliseconds of calls that only constraints refuse: the first, second, third and tenth after the start. */
async function callsAfterStart(url: string): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < 10; call++) {
    const started = performance.now();
    const response = await fetch(`${url}/app-instance-users/x/endpoints`, {
      method: "POST",
      body: '{"Type":"GCM","ClientRequestToken":"!"}',
      headers: { "content-type": "application/json" },
    });
    await response.text();
    times.push(performance.now() - started);
  }
  return [0, 1, 2, 9].map((index) => times[index] ?? Number.NaN);
}

function gzipBytes(path: string): number {
  return gzipSync(readFileSync(path)).byteLength;
}
