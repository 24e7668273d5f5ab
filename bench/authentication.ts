/**
 * What authentication costs: the CPU time of workerd for a replayed registration with SigV4 over REST, and with a JWT
 * over Connect, as ratios to the very same requests against the same Worker without authentication (bench/open.ts).
 * The objects are warmed; rounds take turns, so that a machine that slows down slows all alike. Linux only: CPU time is
 * what the kernel accounts to the process.
 *
 *     node bench/authentication.ts [ROUNDS]
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { bundle } from "../scripts/bundle.ts";
import type { Workerd } from "../scripts/workerd/start.ts";
import { startTemporaryWorkerd } from "../scripts/workerd/temporary.ts";
import { bearerOf, signedHeaders } from "../test/support/credentials.ts";
import { connectRegister, restRegister, type WireRequest } from "../test/support/wire.ts";
import { spread } from "./spread.ts";

const USERS = 300;
const CONCURRENCY = 8;
const rounds = Number(process.argv[2] ?? 10);
const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

const closed = await startTemporaryWorkerd(bundle("src/index.ts"));
const open = await startTemporaryWorkerd(bundle("bench/open.ts"));
try {
  for (const [name, requests] of [
    ["SigV4 over REST", await signed(closed.url)],
    ["JWT over Connect", await withTokens()],
  ] as const) {
    const ratios: number[] = [];
    const micros = { closed: [] as number[], open: [] as number[] };
    await Promise.all([sendAll(closed, requests), sendAll(open, requests)]);
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? ([closed, open] as const) : ([open, closed] as const);
      for (const worker of order) {
        micros[worker === closed ? "closed" : "open"].push(await sendAll(worker, requests));
      }
      ratios.push((micros.closed.at(-1) ?? Number.NaN) / (micros.open.at(-1) ?? Number.NaN));
      process.stderr.write(`\r${name}: round ${round + 1} of ${rounds}`);
    }
    process.stderr.write("\n");
    console.log(
      `${name}: ${spread(ratios)} × the same without authentication ` +
        `(CPU µs a request: ${spread(micros.closed)} to ${spread(micros.open)})`,
    );
  }
} finally {
  await Promise.all([closed.stop(), open.stop()]);
}

async function signed(url: string): Promise<WireRequest[]> {
  const requests = Array.from({ length: USERS }, () => restRegister());
  return Promise.all(
    requests.map(async (request) => ({ ...request, headers: await signedHeaders(url + request.path, request) })),
  );
}

async function withTokens(): Promise<WireRequest[]> {
  const requests = Array.from({ length: USERS }, () => connectRegister());
  return Promise.all(
    requests.map(async (request) => {
      const { appInstanceUserArn } = JSON.parse(String(request.body)) as { appInstanceUserArn: string };
      return { ...request, headers: { ...request.headers, ...(await bearerOf(appInstanceUserArn)) } };
    }),
  );
}

/** Sends every request once, and answers the CPU time that workerd took for one, in microseconds. */
async function sendAll(worker: Workerd, requests: readonly WireRequest[]): Promise<number> {
  const before = cpuMicros(worker);
  const queue = requests.values();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (const { method, path, headers, body } of queue) {
        const response = await fetch(worker.url + path, { method, headers, body });
        if (!response.ok) {
          throw new Error(`${response.status} ${await response.text()}`);
        }
        await response.arrayBuffer();
      }
    }),
  );
  return (cpuMicros(worker) - before) / requests.length;
}

/** Fields 14 and 15 of /proc/PID/stat: user and system time, in clock ticks. */
function cpuMicros({ process }: Workerd): number {
  const fields = readFileSync(`/proc/${process.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000_000;
}
