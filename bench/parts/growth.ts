import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import type { Bundles } from "../bundles.ts";
import { restWire, type User, type Wire } from "../calls/wires.ts";
import { openFiles } from "../load/account.ts";
import { untilAsleep } from "../load/asleep.ts";
import { pidOf, requireStatus, type Sample, sendAll } from "../load/send-all.ts";
import { seed, seededUser, UNLIMITED } from "./seed.ts";

/** What a call costs where there are so many users, with so many endpoints each when the rounds began. */
export interface Growth {
  readonly users: number;
  readonly endpoints: number;
  readonly call: string;
  readonly rounds: number;
  readonly cpuMicros: Quartiles;
  /** To the smallest store with as many endpoints, in the same round. */
  readonly cpuRatio: Quartiles;
  readonly p50Ratio: Quartiles;
}

const ENDPOINTS = [1, 10];
const CONNECTIONS = 8;

/** As many of every store are called, so that every store's round is the same: all of the smallest one. */
const CALLED = 100;

/** In this order: the first finds the objects asleep. */
const CALLS = [
  { name: "list, objects asleep", request: ({ list }: Required<Wire>, user: User) => list(user, 1) },
  { name: "list", request: ({ list }: Required<Wire>, user: User) => list(user, 1) },
  {
    name: "register",
    request: ({ register }: Required<Wire>, user: User, round: number) => register(user, 100 + round),
  },
] as const;

interface Store {
  readonly users: number;
  readonly endpoints: number;
  readonly data: string;
  readonly workerd: Workerd;
  readonly filesAtRest: number;
  readonly samples: Map<string, Sample[]>;
}

/** `sizes` of stores in users, the smallest first. */
export async function measureGrowth(
  { rollcall }: Bundles,
  { sizes, rounds, tell }: { sizes: readonly number[]; rounds: number; tell: (progress: string) => void },
): Promise<Growth[]> {
  const stores: Store[] = [];
  try {
    for (const users of sizes) {
      for (const endpoints of ENDPOINTS) {
        tell(`seeding ${users} users with ${endpoints} endpoints`);
        const data = mkdtempSync(join(tmpdir(), "rollcall-"));
        await seed(rollcall, data, users, endpoints);
        const workerd = await startWorkerd({ bundle: rollcall, data, variables: UNLIMITED });
        const samples = new Map<string, Sample[]>(CALLS.map(({ name }) => [name, []]));
        stores.push({ users, endpoints, data, workerd, filesAtRest: openFiles(pidOf(workerd)), samples });
      }
    }
    // The first round is one to warm up.
    for (let round = 0; round <= rounds; round++) {
      tell(`growth, round ${round} of ${rounds}`);
      for (const store of stores) {
        await play(store, round);
      }
    }
  } finally {
    for (const { workerd, data } of stores) {
      await workerd.stop();
      rmSync(data, { recursive: true });
    }
  }
  return stores.flatMap((store) => CALLS.map(({ name }) => grown(store, name, stores)));
}

async function play({ workerd, users, filesAtRest, samples }: Store, round: number): Promise<void> {
  await untilAsleep(workerd, filesAtRest);
  const wire = restWire(workerd.url);
  // Spread over the whole store.
  const called = Array.from({ length: CALLED }, (_, n) => seededUser(Math.floor((n * users) / CALLED)));
  for (const { name, request } of CALLS) {
    const requests = await Promise.all(called.map((user) => request(wire, user, round)));
    const { sample, answers } = await sendAll(workerd, requests, CONNECTIONS);
    requireStatus("ok", answers);
    samples.get(name)?.push(sample);
  }
}

function grown({ users, endpoints, samples }: Store, call: string, stores: readonly Store[]): Growth {
  const own = samples.get(call)?.slice(1) ?? [];
  const base =
    stores
      .find((store) => store.endpoints === endpoints)
      ?.samples.get(call)
      ?.slice(1) ?? [];
  const ratio = (key: keyof Sample) => quartiles(own.map((sample, n) => sample[key] / (base[n]?.[key] ?? Number.NaN)));
  return {
    ...{ users, endpoints, call, rounds: own.length },
    cpuMicros: quartiles(own.map(({ cpuMicros }) => cpuMicros)),
    cpuRatio: ratio("cpuMicros"),
    p50Ratio: ratio("p50Millis"),
  };
}
