/** What users take: on the disk while they sleep, and in memory while they are awake. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import type { Bundles } from "../bundles.ts";
import { floorWire, restWire, type User, type Wire } from "../calls/wires.ts";
import { residentBytes } from "../load/account.ts";
import { pidOf, requireStatus, sendAll } from "../load/send-all.ts";
import { ROOM } from "../load/serve.ts";
import { userFiles } from "./files.ts";

export interface AtRest {
  readonly users: number;
  readonly rounds: number;
  readonly rollcall: Taken;
  readonly floor: Taken;
}

interface Taken {
  /** Rows in a user's database after two registrations and a replay of each. */
  readonly rowsPerUser: Quartiles;
  /** Bytes of such a database. */
  readonly bytesPerUser: Quartiles;
  /** Resident memory for 1,000 objects that are awake, in bytes. */
  readonly memoryPer1000: Quartiles;
}

/** How long the row is that a registration writes. */
export async function measureRowBytes({ rollcall }: Bundles): Promise<number> {
  const files = await filesAfter(rollcall, async (workerd) => {
    await sendAll(workerd, [await restWire(workerd.url).register(user(0), 1)], 1);
  });
  return files[0]?.rows[0] ?? Number.NaN;
}

export async function measureAtRest(
  bundles: Bundles,
  rowBytes: number,
  { users, rounds, tell }: { users: number; rounds: number; tell: (progress: string) => void },
): Promise<AtRest> {
  const wires = { rollcall: restWire, floor: (url: string) => floorWire(url, rowBytes) };
  const taken = { rollcall: [] as Round[], floor: [] as Round[] };
  for (let round = 0; round < rounds; round++) {
    for (const name of ["rollcall", "floor"] as const) {
      tell(`${users} users of ${name}, ${round + 1} of ${rounds}`);
      taken[name].push(await takenBy(bundles[name], wires[name], users));
    }
  }
  return { users, rounds, rollcall: summed(taken.rollcall), floor: summed(taken.floor) };
}

interface Round {
  readonly rows: readonly number[];
  readonly bytes: readonly number[];
  readonly memory: number;
}

function summed(rounds: readonly Round[]): Taken {
  return {
    rowsPerUser: quartiles(rounds.flatMap(({ rows }) => rows)),
    bytesPerUser: quartiles(rounds.flatMap(({ bytes }) => bytes)),
    memoryPer1000: quartiles(rounds.map(({ memory }) => memory)),
  };
}

/** Enough calls for the code to be compiled and the heap to have its size, so that what grows after them are objects. */
const WARM_UP_CALLS = 2_000;

const CONNECTIONS = 32;

async function takenBy(bundle: string, wireAt: (url: string) => Wire, users: number): Promise<Round> {
  const everybody = Array.from({ length: users }, (_, n) => user(n));
  let memory = Number.NaN;
  const files = await filesAfter(bundle, async (workerd) => {
    const { register, replay, list } = wireAt(workerd.url) as Required<Wire>;
    const all = async (call: typeof list, device: number) => {
      const requests = await Promise.all(everybody.map((someone) => call(someone, device)));
      requireStatus("ok", (await sendAll(workerd, requests, CONNECTIONS)).answers);
    };
    const one = await list(user(0), 1);
    await sendAll(workerd, Array(WARM_UP_CALLS).fill(one), CONNECTIONS);
    const before = residentBytes(pidOf(workerd));
    for (const device of [1, 2]) {
      await all(register, device);
      await all(replay, device);
    }
    // Those who fell asleep meanwhile, on a slow disk, are awake again after this.
    await all(list, 1);
    memory = ((residentBytes(pidOf(workerd)) - before) / users) * 1_000;
  });
  return { rows: files.map(({ rows }) => rows.length), bytes: files.map(({ bytes }) => bytes), memory };
}

/** Runs a Worker without rates on data of its own, and reads the data once it has ended. */
async function filesAfter(bundle: string, use: (workerd: Workerd) => Promise<void>) {
  const data = mkdtempSync(join(tmpdir(), "rollcall-"));
  try {
    const variables = { ...ROOM, LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1000", OPERATION_BURST: "10000" };
    const workerd = await startWorkerd({ bundle, data, variables });
    await use(workerd).finally(() => workerd.stop());
    return userFiles(data);
  } finally {
    rmSync(data, { recursive: true });
  }
}

function user(n: number): User {
  return { arn: `arn:aws:chime:us-east-1:123456789012:app-instance/bench/user/${n}`, endpointId: "" };
}
