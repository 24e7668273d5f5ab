/** What users wait for when all come at once, as on the day of an app's release: at a rate that is beyond what the machine takes. */
import type { Workerd } from "../../src/serve/workerd/start.ts";
import type { Bundles } from "../bundles.ts";
import { freshUser } from "../calls/contestant.ts";
import { connectWire, type User } from "../calls/wires.ts";
import { openFiles } from "../load/account.ts";
import { untilAsleep } from "../load/asleep.ts";
import { pidOf, requireStatus, sendAll } from "../load/send-all.ts";
import { moments, type Served, sendWhen } from "../load/send-when.ts";
import { serve } from "../load/serve.ts";
import { type Spread, spread } from "./moves.ts";

export interface Burst {
  /** Registrations of new users a second that the machine takes. */
  readonly perSecond: number;
  readonly results: readonly BurstResult[];
}

export interface BurstResult {
  /** To what the machine takes. */
  readonly times: number;
  readonly seconds: number;
  readonly users: number;
  /** From when the app of a user first called until it was registered. */
  readonly waitMillis: Spread;
  /** From the first call until all were registered, in seconds. */
  readonly allSeconds: number;
  /** The part of the users who were told to come later. */
  readonly toldToWait: number;
  /** Of those who came within the same tenth of the burst. */
  readonly course: readonly Spread[];
}

export interface BurstOptions {
  readonly seconds: number;
  /** How many times what the machine takes. */
  readonly times: readonly number[];
  /** Whether those who return sleep by then, which has to be waited for. */
  readonly sleeps: boolean;
}

/** So many users at once `npm run serve` has where a process may hold 20,000 files open. */
const VARIABLES = { SAME_DEVICE: "adopt", DEVICES: "move", USERS_AT_ONCE: "6000" };

/** As a proxy in front has. */
const CONNECTIONS = 256;

const PARTS = 10;

export async function measureBurst(
  { rollcall }: Bundles,
  { seconds, times, sleeps }: BurstOptions,
  tell: (progress: string) => void,
): Promise<Burst> {
  const workerd = await serve(rollcall, { variables: VARIABLES });
  const filesAtRest = openFiles(pidOf(workerd));
  const untilSleep = () => (sleeps ? untilAsleep(workerd, filesAtRest, 2) : undefined);
  try {
    tell("a burst, warming up");
    const users = Math.ceil(seconds * 100);
    await capacity(workerd, users);
    const perSecond = await capacity(workerd, users);
    const results: BurstResult[] = [];
    for (const each of times) {
      tell(`a burst of ${each} times what this machine takes`);
      const calls = await callers(workerd, Math.ceil(perSecond * each * seconds));
      await untilSleep();
      const at = moments(calls.length, seconds * 1_000);
      const arrivals = calls.map((request, n) => ({ request, atMillis: at[n] ?? 0 }));
      const served = await sendWhen(portOf(workerd), arrivals, CONNECTIONS);
      results.push(resultOf({ times: each, seconds }, served));
    }
    return { perSecond, results };
  } finally {
    await workerd.stop();
  }
}

async function capacity(workerd: Workerd, users: number): Promise<number> {
  const { register } = connectWire(workerd.url, "json");
  const requests = await Promise.all(Array.from({ length: users }, () => register(freshUser(), 1)));
  const { sample, answers } = await sendAll(workerd, requests, 32);
  requireStatus("ok", answers);
  return sample.perSecond;
}

/** Registrations of so many users, each with a token of their own: every other one is new, the others have another device already. */
async function callers(workerd: Workerd, count: number): Promise<Uint8Array[]> {
  const { register } = connectWire(workerd.url, "json");
  const users: User[] = Array.from({ length: count }, freshUser);
  const returning = users.filter((_, n) => n % 2 === 0);
  const before = await Promise.all(returning.map((user) => register(user, 1)));
  const calls = await Promise.all(users.map((user) => register(user, 2)));
  // There may be more of them than one machine has room for at once.
  const arrivals = before.map((request) => ({ request, atMillis: 0 }));
  await sendWhen(portOf(workerd), arrivals, 8);
  return calls;
}

function portOf({ url }: Workerd): number {
  return Number(new URL(url).port);
}

function resultOf({ times, seconds }: Pick<BurstResult, "times" | "seconds">, served: readonly Served[]): BurstResult {
  const took = served.map(({ tookMillis }) => tookMillis);
  const partOf = ({ atMillis }: Served) => Math.floor((atMillis / (seconds * 1_000)) * PARTS);
  const parts = Map.groupBy(served, partOf);
  return {
    ...{ times, seconds, users: served.length, waitMillis: spread(took) },
    allSeconds: Math.max(...served.map(({ atMillis, tookMillis }) => atMillis + tookMillis)) / 1_000,
    toldToWait: served.filter(({ requests }) => requests > 1).length / served.length,
    course: Array.from({ length: PARTS }, (_, n) => spread((parts.get(n) ?? []).map(({ tookMillis }) => tookMillis))),
  };
}
