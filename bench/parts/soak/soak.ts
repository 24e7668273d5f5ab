/** Whether memory, files and latency stay as they are, while a machine serves half of what it takes for as long as you like. */
import { setTimeout } from "node:timers/promises";
import type { Bundles } from "../../bundles.ts";
import { accountOf } from "../../load/account.ts";
import { Pool } from "../../load/pool.ts";
import { pidOf } from "../../load/send-all.ts";
import { type Spread, spread } from "../moves.ts";
import { Caller } from "./caller.ts";
import { Crowd, type Kind } from "./crowd.ts";
import { type Held, heldBy, type Kept, keptIn } from "./observe.ts";
import { type Served, serveAll } from "./processes.ts";
import { connectWay, gatewayWay, restWay } from "./ways.ts";

export interface SoakOptions {
  readonly minutes: number;
  /** Users in play. */
  readonly people: number;
  /** How long it is found out what the machine takes, and how long it then serves before anything counts. */
  readonly findSeconds: number;
  readonly warmSeconds: number;
  readonly everySeconds: number;
}

export interface Soak {
  readonly minutes: number;
  /** Calls of the mix a second that the machine takes, and half of that, at which it is soaked. */
  readonly takes: number;
  readonly perSecond: number;
  readonly people: number;
  readonly calls: number;
  readonly byWay: Readonly<Record<string, number>>;
  /** What came and was not expected, by what it was. */
  readonly unexpected: Readonly<Record<string, number>>;
  readonly samples: readonly SoakSample[];
}

/** What was at one moment, and what has been since the last. */
export interface SoakSample {
  readonly atSeconds: number;
  readonly workerd: Held;
  readonly gateway: Held;
  /** Now and then. */
  readonly kept?: Kept;
  readonly calls: number;
  /** Of workerd, for each call. */
  readonly cpuMicros: number;
  readonly millis: Spread;
  readonly byKind: Readonly<Partial<Record<Kind, Spread>>>;
}

const CONNECTIONS = 32;

/** What is kept is counted so often: it takes a look at every file. */
const KEPT_EVERY = 6;

export async function measureSoak(
  { rollcall }: Bundles,
  options: SoakOptions,
  tell: (progress: string) => void,
): Promise<Soak> {
  const served = await serveAll(rollcall);
  const { url } = served.workerd;
  const pool = await Pool.open(Number(new URL(url).port), CONNECTIONS);
  try {
    const crowd = new Crowd(options.people);
    const caller = new Caller(crowd, url, {
      REST: restWay(url, pool),
      "Connect JSON": connectWay(url, pool, "json"),
      "Connect binary": connectWay(url, pool, "proto"),
      "gRPC, by the gateway": gatewayWay(served.gateway.url),
    });
    tell(`a soak: ${options.people} users register`);
    await caller.callAll(CONNECTIONS, () => crowd.users >= options.people, "new user");
    tell("a soak: what the machine takes");
    const takes = await capacity(caller, options.findSeconds);
    return await soak(served, crowd, caller, { ...options, takes }, tell);
  } finally {
    pool.close();
    await served.stop();
  }
}

/** The second of two times, for code is compiled in the first. */
async function capacity(caller: Caller, seconds: number): Promise<number> {
  let perSecond = 0;
  for (let n = 0; n < 2; n++) {
    const started = performance.now();
    const before = caller.calls;
    await caller.callAll(CONNECTIONS, () => performance.now() - started > seconds * 1_000);
    perSecond = ((caller.calls - before) / (performance.now() - started)) * 1_000;
  }
  return perSecond;
}

async function soak(
  served: Served,
  crowd: Crowd,
  caller: Caller,
  { takes, minutes, people, warmSeconds, everySeconds }: SoakOptions & { takes: number },
  tell: (progress: string) => void,
): Promise<Soak> {
  const perSecond = takes / 2;
  let isOver = false;
  const calling = caller.callAt(perSecond, () => isOver);
  try {
    tell(`a soak: ${perSecond.toFixed(0)} calls a second, warming up`);
    await Promise.race([setTimeout(warmSeconds * 1_000), calling]);
    caller.forget();
    const samples = await observe(served, crowd, caller, { seconds: minutes * 60, everySeconds, calling }, tell);
    const { calls, byWay, unexpected } = caller;
    return structuredClone({ minutes, takes, perSecond, people, calls, byWay, unexpected, samples });
  } finally {
    isOver = true;
    await calling;
  }
}

async function observe(
  { workerd, gateway, data }: Served,
  crowd: Crowd,
  caller: Caller,
  { seconds, everySeconds, calling }: { seconds: number; everySeconds: number; calling: Promise<void> },
  tell: (progress: string) => void,
): Promise<SoakSample[]> {
  const samples: SoakSample[] = [];
  const pid = pidOf(workerd);
  const started = performance.now();
  let { cpuMicros } = accountOf(pid);
  for (let n = 1; n * everySeconds <= seconds; n++) {
    // What ends the calls ends the soak: it is thrown.
    await Promise.race([setTimeout(started + n * everySeconds * 1_000 - performance.now()), calling]);
    const took = caller.take();
    const all = Object.values(took).flat();
    const account = accountOf(pid);
    const isLast = (n + 1) * everySeconds > seconds;
    samples.push({
      atSeconds: (performance.now() - started) / 1_000,
      ...{ workerd: heldBy(pid), gateway: heldBy(gateway.pid) },
      ...((n % KEPT_EVERY === 1 || isLast) && { kept: await keptIn(data) }),
      ...{ calls: all.length, cpuMicros: (account.cpuMicros - cpuMicros) / all.length, millis: spread(all) },
      byKind: Object.fromEntries(Object.entries(took).map(([kind, millis]) => [kind, spread(millis)])),
    });
    cpuMicros = account.cpuMicros;
    tell(`a soak: ${progress(samples, seconds)}, ${crowd.users} users`);
  }
  return samples;
}

function progress(samples: readonly SoakSample[], seconds: number): string {
  const { atSeconds = 0, workerd, gateway, millis } = samples.at(-1) ?? {};
  const [own, gateways] = [workerd, gateway].map((held) => held?.memoryMiB.toFixed(0));
  const latency = `p50 ${millis?.p50.toFixed(1)}, p99 ${millis?.p99.toFixed(1)} ms`;
  return `${(atSeconds / 60).toFixed(1)} of ${(seconds / 60).toFixed(1)} minutes, ${own} and ${gateways} MiB, ${workerd?.files} files, ${latency}`;
}
