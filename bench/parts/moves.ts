/** How long a device that has a new user still wakes its former one. */
import { type Quartiles, quartiles } from "../../scripts/spread.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import type { Bundles } from "../bundles.ts";
import { freshUser, idIn } from "../calls/contestant.ts";
import { restWire, type User } from "../calls/wires.ts";
import { openFiles } from "../load/account.ts";
import { untilAsleep } from "../load/asleep.ts";
import { Connection } from "../load/connection.ts";
import { pidOf, requireStatus, sendAll } from "../load/send-all.ts";
import { moments, sendWhen } from "../load/send-when.ts";
import { serve } from "../load/serve.ts";

/** Bob registers Alice's phone, and her endpoint is asked for until it is gone. */
export interface Moves {
  /** Registrations a second that this machine takes. */
  readonly perSecond: number;
  readonly results: readonly MoveResult[];
}

export interface MoveResult {
  readonly title: string;
  readonly moves: number;
  /** How long Bob's registration took. */
  readonly registerMillis: Spread;
  /** From his answer until a resolve of Alice was answered without her endpoint: that resolve is in it. */
  readonly goneMillis: Spread;
  /** The second to the first, of each move. */
  readonly ratio: Quartiles;
  /** The part of them where the first resolve was without it already. */
  readonly goneAtOnce: number;
}

export interface MovesOptions {
  readonly moves: number;
  /** Of objects that sleep, which has to be waited for; none: they are left out. */
  readonly movesAsleep: number;
  /** How long others register. */
  readonly loadSeconds: number;
}

/** What half of all, and all but one in a hundred, stay below. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

const CONNECTIONS = 32;

/** So few at a time that their objects are still awake when it is their turn. */
const AT_ONCE = 50;

const VARIABLES = {
  ...{ SAME_DEVICE: "adopt", DEVICES: "move", ENDPOINTS_PER_USER: "100" },
  ...{ OPERATION_RATE_PER_SECOND: "1000", OPERATION_BURST: "10000" },
  BATCHES_PER_CALLER: "1000000",
};

export async function measureMoves(
  { rollcall }: Bundles,
  { moves, movesAsleep, loadSeconds }: MovesOptions,
  tell: (progress: string) => void,
): Promise<Moves> {
  const workerd = await serve(rollcall, { variables: VARIABLES });
  const filesAtRest = openFiles(pidOf(workerd));
  try {
    // So many that nobody gets more than some devices.
    const others = Array.from({ length: Math.max(AT_ONCE, moves) }, freshUser);
    tell("moves, warming up");
    const perSecond = await capacity(workerd, others);
    await play(workerd, moves);
    tell("moves, while nothing else happens");
    const idle = await play(workerd, moves);
    tell("moves, where objects sleep");
    const untilSleep = () => untilAsleep(workerd, filesAtRest, 2);
    const asleep = await play(workerd, movesAsleep, untilSleep);
    tell("moves, while others register");
    const loaded = await underLoad(workerd, others, { perSecond: perSecond / 2, seconds: loadSeconds, moves });
    return {
      perSecond,
      results: [
        resultOf("nothing else happens", idle),
        resultOf("the same, and all objects sleep", asleep),
        resultOf("others register, half as many as this machine takes", loaded),
      ].filter((result) => result.moves > 0),
    };
  } finally {
    await workerd.stop();
  }
}

/** Registrations of returning users, one after the other on each connection. */
async function capacity(workerd: Workerd, users: readonly User[]): Promise<number> {
  const { register } = restWire(workerd.url);
  const all = async (device: number) => {
    const requests = await Promise.all(users.map((user) => register(user, device)));
    const { sample, answers } = await sendAll(workerd, requests, CONNECTIONS);
    requireStatus("ok", answers);
    return sample.perSecond;
  };
  await all(1);
  return all(2);
}

/** Moves as long as others register. Their requests are made before, for that takes this process longer than to send them. */
async function underLoad(
  workerd: Workerd,
  users: readonly User[],
  { perSecond, seconds, moves }: { perSecond: number; seconds: number; moves: number },
): Promise<Move[]> {
  const { register } = restWire(workerd.url);
  const arrivals = await Promise.all(
    moments(perSecond * seconds, seconds * 1_000).map(async (atMillis, n) => {
      const user = users[n % users.length] ?? freshUser();
      return { atMillis, request: await register(user, 3 + Math.floor(n / users.length)) };
    }),
  );
  // Registered before, too, for there would be no time left to move them.
  const pairs = await registered(workerd, moves);
  let isOver = false;
  const load = sendWhen(Number(new URL(workerd.url).port), arrivals, CONNECTIONS).finally(() => {
    isOver = true;
  });
  const [, played] = await Promise.all([load, moveAll(workerd, pairs, () => isOver)]);
  return played;
}

/** Two users, of whom Alice's phone is to be Bob's. */
interface Pair {
  readonly alice: User;
  readonly bob: User;
}

interface Move {
  readonly registerMillis: number;
  readonly goneMillis: number;
  readonly resolves: number;
}

/** So many moves, with what happens between the registrations of some and their moves. */
async function play(workerd: Workerd, moves: number, before?: () => Promise<void>): Promise<Move[]> {
  const played: Move[] = [];
  while (played.length < moves) {
    const pairs = await registered(workerd, Math.min(AT_ONCE, moves - played.length));
    await before?.();
    played.push(...(await moveAll(workerd, pairs)));
  }
  return played;
}

/** Pairs of users with a device each. */
async function registered(workerd: Workerd, count: number): Promise<Pair[]> {
  const { register } = restWire(workerd.url);
  const users = Array.from({ length: 2 * count }, freshUser);
  const { answers } = await sendAll(workerd, await Promise.all(users.map((user) => register(user, 1))), 1);
  requireStatus("ok", answers);
  const known = users.map(({ arn }, n) => ({ arn, endpointId: idIn(answers[n]?.body ?? "") }));
  return known.slice(0, count).flatMap((alice, n) => {
    const bob = known[count + n];
    return bob === undefined ? [] : [{ alice, bob }];
  });
}

/** One after the other, until it is over. */
async function moveAll(workerd: Workerd, pairs: readonly Pair[], isOver = () => false): Promise<Move[]> {
  const { take, resolve } = restWire(workerd.url);
  const port = Number(new URL(workerd.url).port);
  const calls = await Promise.all(
    pairs.map(async ({ alice, bob }) => ({
      ...{ taking: await take(bob, alice, 1), asking: await resolve([alice]) },
      endpointId: alice.endpointId,
    })),
  );
  const [bobs, alices] = await Promise.all([Connection.open(port), Connection.open(port)]);
  const played: Move[] = [];
  for (const call of calls) {
    if (played.length > 0 && isOver()) {
      break;
    }
    played.push(await move(call, bobs, alices));
  }
  bobs.close();
  alices.close();
  return played;
}

async function move(
  { taking, asking, endpointId }: { taking: Uint8Array; asking: Uint8Array; endpointId: string },
  bobs: Connection,
  alices: Connection,
): Promise<Move> {
  const started = performance.now();
  const answer = await bobs.send(taking);
  const answered = performance.now();
  requireStatus(201, [answer]);
  for (let resolves = 1; ; resolves++) {
    const resolved = await alices.send(asking);
    requireStatus("ok", [resolved]);
    if (!resolved.body.includes(endpointId)) {
      return { registerMillis: answered - started, goneMillis: performance.now() - answered, resolves };
    }
  }
}

function resultOf(title: string, moves: readonly Move[]): MoveResult {
  return {
    ...{ title, moves: moves.length },
    registerMillis: spread(moves.map(({ registerMillis }) => registerMillis)),
    goneMillis: spread(moves.map(({ goneMillis }) => goneMillis)),
    ratio: quartiles(moves.map(({ registerMillis, goneMillis }) => goneMillis / registerMillis)),
    goneAtOnce: moves.filter(({ resolves }) => resolves === 1).length / moves.length,
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
