/** The steps of the Directory's shards, put together as the class Directory does, on its own rows. */
import type { Holding } from "../../../src/worker/model/holding.ts";
import type { Tell } from "../../../src/worker/model/tells.ts";
import {
  type Due,
  dropDue,
  dropHolding,
  holdersOf,
  holdingOf,
  lostAt,
  putHolding,
  waitingLosers,
} from "../../../src/worker/storage/holdings.ts";
import { holdingsOf } from "../holdings.ts";
import { changed } from "./kv.ts";
import { deviceName, type Rules } from "./rules.ts";
import type { State, Step, Telling } from "./state.ts";
import { loseDevice } from "./user-object.ts";

/** What a shard hears and answers: why the user does not hold the device, if so. */
export function hear(rules: Rules, state: State, who: Who, tell: Tell): { state: State; standing?: number } {
  switch (tell.kind) {
    case "hold":
      return hold(rules, state, who, tell);
    case "release":
      return { state: release(rules, state, who.user, tell) };
    case "note":
    case "erased":
      return { state };
  }
}

type Who = Pick<Holding, "user" | "userArn">;

function hold(rules: Rules, state: State, who: Who, tell: Tell): { state: State; standing?: number } {
  const { now, mode = "move" } = state;
  const next = inShard(state, tell.device, (kv) => {
    const own = holdingOf(kv, { ...tell, ...who });
    const known = { own, holders: () => holdersOf(kv, tell.device) };
    const { put, standing } = rules.hold(known, who, tell, { mode, now });
    for (const holding of put) {
      putHolding(kv, holding, holding.user === who.user ? own : {}, now);
    }
    return standing;
  });
  return { state: next.state, ...(next.result !== undefined && { standing: next.result }) };
}

export function release(rules: Rules, state: State, user: string, tell: Tell): State {
  return inShard(state, tell.device, (kv) => {
    const own = holdingOf(kv, { ...tell, user });
    if (own !== undefined && rules.isReleased(own, tell)) {
      dropHolding(kv, own);
    }
  }).state;
}

/** What the alarms can do next. */
export function* alarmSteps(rules: Rules, state: State): Generator<Step> {
  for (const device of Object.keys(state.shards)) {
    for (const due of losersIn(state, device)) {
      if (!state.alarms.some((telling) => telling.device === device && isSame(telling.due, due))) {
        yield {
          label: `shard ${device}: the alarm calls ${due.key.at(-1)}`,
          take: () => called(state, device, due),
        };
      }
    }
  }
  for (const telling of state.alarms) {
    yield* tellingSteps(rules, state, telling);
  }
}

/** The losers of a device who have yet to be told. */
export function losersIn(state: State, device: string): Due[] {
  return inShard(state, deviceName(device), (kv) => waitingLosers(kv, MANY)).result;
}

/** More than a scenario has. */
const MANY = 100;

function isSame(one: Due, other: Due): boolean {
  return one.at === other.at && one.key === other.key;
}

/** All who have, or had, a device. */
export function holdingsIn(state: State, device: string): Holding[] {
  return inShard(state, deviceName(device), (kv) => holdingsOf(kv, deviceName(device))).result;
}

function called(state: State, device: string, due: Due): State {
  const read = inShard(state, deviceName(device), (kv) => {
    const lost = lostAt(kv, due.key);
    if (lost === undefined) {
      dropDue(kv, due);
    }
    return lost;
  });
  return read.result === undefined
    ? read.state
    : { ...read.state, alarms: [...state.alarms, { device, due, sent: read.result }].sort(byTime) };
}

function byTime({ due: a }: Telling, { due: b }: Telling): number {
  return a.at - b.at || (a.key < b.key ? -1 : 1);
}

function* tellingSteps(rules: Rules, state: State, telling: Telling): Generator<Step> {
  const { device, sent, reply } = telling;
  const without = () => ({ ...state, alarms: state.alarms.filter((other) => other !== telling) });
  const fault = (label: string): Step => ({
    label,
    isFault: true,
    take: () => ({ ...without(), faults: state.faults - 1 }),
  });
  if (reply === undefined) {
    yield {
      label: `object ${sent.user}: hears that it lost ${device}`,
      take: () => {
        const lostAt = rules.lostAt(sent, holdingsIn(state, device));
        const next = loseDevice(rules, state, sent.user, { device: sent.device, lostAt });
        const alarms = state.alarms.map((other) => (other === telling ? { ...telling, reply: next.reply } : other));
        return { ...next.state, alarms };
      },
    };
    yield fault(`the alarm's call of ${sent.user} fails`);
  } else {
    const { newer } = reply;
    yield {
      label: `shard ${device}: hears of ${sent.user} ${newer === undefined ? "that it was told" : `@${newer.at}`}`,
      take: () => told(rules, without(), telling, newer),
    };
    yield fault(`the answer of ${sent.user} to the alarm is lost`);
  }
}

function told(rules: Rules, state: State, { due, sent }: Telling, newer: Tell | undefined): State {
  const next = inShard(state, sent.device, (kv) => {
    const lost = lostAt(kv, due.key);
    if (lost !== undefined && rules.isTold(lost, sent)) {
      dropDue(kv, due);
      if (!rules.remembersLost && newer === undefined) {
        dropHolding(kv, lost);
      }
    }
    if (newer !== undefined && !rules.comparesAnswers) {
      believe(kv, sent, newer, state.now);
    }
  }).state;
  return newer === undefined || !rules.comparesAnswers ? next : hear(rules, next, sent, newer).state;
}

/** As if nobody could have named the device since. */
function believe(kv: SyncKvStorage, { user, userArn }: Holding, { device, endpointId, at }: Tell, now: number): void {
  for (const other of holdersOf(kv, device).filter((holding) => holding.user !== user)) {
    putHolding(kv, { ...other, isLost: true }, other, now);
  }
  putHolding(kv, { device, user, userArn, endpointId, at }, holdingOf(kv, { device, user }), now);
}

function inShard<Result>(state: State, name: string, change: (kv: SyncKvStorage) => Result) {
  const device = name.slice(deviceName("").length);
  const { entries, result } = changed(state.shards[device] ?? [], change);
  return { state: { ...state, shards: { ...state.shards, [device]: entries } }, result };
}
