/** Who does what: few calls of few users, of which every order is explored. */
import type { Call, Scenario } from "./state.ts";

const DAY = { kind: "time", ms: 24 * 60 * 60 * 1_000 } as const;

function register(user: string, device: string, requestToken: string, more: Partial<Call> = {}): Call {
  return { kind: "register", user, device, requestToken, ...more };
}

function update(user: string, device: string, more: Partial<Call> = {}): Call {
  return { kind: "update", user, device, ...more };
}

function deregister(user: string): Call {
  return { kind: "deregister", user };
}

function erase(user: string, more: Partial<Call> = {}): Call {
  return { kind: "erase", user, ...more };
}

function fail(user: string, device: string, more: Partial<Call> = {}): Call {
  return { kind: "fail", user, device, ...more };
}

const TWO = { users: ["a", "b"], devices: ["d"] } as const;
const TWO_DEVICES = { users: ["a", "b"], devices: ["d", "e"] } as const;
const ONE = { users: ["a"], devices: ["d", "e"] } as const;
const THREE = { users: ["a", "b", "c"], devices: ["d"] } as const;
/** All in one millisecond. */
const STILL = { ticks: [0] } as const;

/** A hold that comes after the release of the same: until the endpoint's next call, or the next take-over. */
const LATE_HOLD = ["the Directory names a for d, who has no such endpoint"];

/** The phone of a is b's now. */
const TAKEN = [register("a", "d", "1"), register("b", "d", "2")] as const;

export const SCENARIOS = {
  "two race": { ...TWO, clients: [[register("a", "d", "1")], [register("b", "d", "2")]], retries: 2 },
  "three race": {
    ...THREE,
    clients: [[register("a", "d", "1")], [register("b", "d", "2")], [register("c", "d", "3")]],
    faults: 0,
  },
  "two race in one millisecond": {
    ...TWO,
    ...STILL,
    clients: [[register("a", "d", "1")], [register("b", "d", "2")]],
    faults: 0,
  },
  "back beside another": {
    ...TWO,
    clients: [[register("a", "d", "1"), register("a", "d", "3")], [register("b", "d", "2")]],
  },
  "back by a stable request token": { ...TWO, clients: [[...TAKEN, register("a", "d", "1")]] },
  "back by adoption": { ...TWO, clients: [[...TAKEN, register("a", "d", "3")]] },
  "back by Update": { ...TWO, clients: [[...TAKEN, update("a", "d")]] },
  "back in one millisecond": { ...TWO, ...STILL, clients: [[...TAKEN, register("a", "d", "1")]] },
  "there and back twice": { ...TWO, clients: [[...TAKEN, ...TAKEN]] },
  "ping-pong": {
    ...TWO,
    clients: [
      [register("a", "d", "1"), register("a", "d", "1")],
      [register("b", "d", "2"), register("b", "d", "2")],
    ],
    faults: 0,
  },
  "an answer to the alarm that is held back": {
    ...THREE,
    clients: [[...TAKEN, register("a", "d", "3"), register("c", "d", "4")]],
  },
  "an answer that is held back, in one millisecond": {
    ...TWO_DEVICES,
    ...STILL,
    clients: [[...TAKEN, register("a", "d", "1"), register("b", "e", "3"), register("b", "d", "4")]],
    faults: 0,
    residue: ["a holds d, which only b could"],
  },
  "a rename beside a take-over": {
    ...TWO,
    clients: [[register("a", "d", "1"), { kind: "rename", user: "a" }], [register("b", "d", "2")]],
  },
  deregister: { ...TWO, clients: [[register("a", "d", "1"), deregister("a")], [register("b", "d", "2")]] },
  "deregister, register": {
    ...TWO,
    clients: [[register("a", "d", "1"), deregister("a"), register("a", "d", "3")], [register("b", "d", "2")]],
  },
  "the loser deregisters": { ...TWO, clients: [[...TAKEN, deregister("a")]], faults: 2 },
  "the winner deregisters, and the loser is back": {
    ...TWO,
    clients: [[...TAKEN, deregister("b"), register("a", "d", "1")]],
  },
  rotate: {
    ...ONE,
    clients: [[register("a", "d", "1"), update("a", "e"), DAY, update("a", "e")]],
    faults: 2,
  },
  "rotate, then erase": {
    ...ONE,
    clients: [[register("a", "d", "1"), update("a", "e"), DAY, erase("a")]],
    isFinal: true,
    givesUp: true,
  },
  "rotate there and back": {
    ...ONE,
    clients: [[register("a", "d", "1"), update("a", "e"), update("a", "d"), DAY, update("a", "d")]],
  },
  "rotate twice": {
    users: ["a"],
    devices: ["d", "e", "f"],
    clients: [[register("a", "d", "1"), update("a", "e"), update("a", "f"), DAY, update("a", "f")]],
    faults: 2,
    residue: LATE_HOLD,
  },
  "rotate onto another's": {
    ...TWO_DEVICES,
    clients: [[register("a", "d", "1"), update("a", "e")], [register("b", "e", "2")]],
    residue: LATE_HOLD,
  },
  "the loser rotates": { ...TWO_DEVICES, clients: [[...TAKEN, update("a", "e")]], faults: 2 },
  "rotate onto an INACTIVE one of the same user": {
    ...TWO_DEVICES,
    clients: [
      [
        register("a", "d", "1", { endpoint: "phone" }),
        register("a", "e", "2"),
        register("b", "e", "3"),
        update("a", "e", { endpoint: "phone" }),
      ],
    ],
    residue: LATE_HOLD,
  },
  erase: { ...TWO, clients: [[register("a", "d", "1"), erase("a")], [register("b", "d", "2")]] },
  "erase beside registers": {
    ...TWO,
    users: ["a"],
    clients: [[register("a", "d", "1"), deregister("a"), register("a", "d", "2")], [erase("a")]],
  },
  "erase the loser": { ...TWO, clients: [[...TAKEN, erase("a")]], faults: 2 },
  "a Register repeated after the erase": {
    ...TWO,
    clients: [
      [register("a", "d", "1")],
      [erase("a", { after: ["0.0"] }), register("b", "d", "2")],
      [register("a", "d", "1", { after: ["1.1"] })],
    ],
    isFinal: true,
    faults: 0,
  },
  "the limit": {
    ...ONE,
    endpointsMax: 1,
    hasFailures: true,
    clients: [[register("a", "d", "1"), fail("a", "d"), register("a", "e", "2")]],
  },
  "the limit, and a lost one makes way": {
    ...TWO_DEVICES,
    endpointsMax: 1,
    clients: [[...TAKEN, register("a", "e", "3")]],
    faults: 2,
  },
  "the limit, then the lost one's device": {
    ...TWO_DEVICES,
    endpointsMax: 2,
    clients: [[...TAKEN, register("a", "e", "3"), register("a", "d", "4")]],
  },
  "a failure, then the next launch": {
    ...TWO,
    hasFailures: true,
    clients: [[register("a", "d", "1"), fail("a", "d"), register("a", "d", "1")], [register("b", "d", "2")]],
  },
  "a failure beside a take-over": {
    ...TWO,
    hasFailures: true,
    clients: [[...TAKEN], [fail("a", "d", { endpoint: 1, after: ["0.0"] })]],
  },
  "nobody retried, and the next day's launch": {
    ...TWO,
    isFinal: true,
    givesUp: true,
    retries: 0,
    clients: [[register("a", "d", "1", { isSure: true }), register("b", "d", "2"), DAY, register("b", "d", "3")]],
  },
  "nobody retried, and the next day's Update": {
    ...TWO,
    isFinal: true,
    givesUp: true,
    retries: 0,
    clients: [
      [register("a", "d", "1", { isSure: true }), register("b", "d", "2"), DAY, update("b", "d", { endpoint: 1 })],
    ],
  },
  "the shard forgets, and both launch": {
    ...TWO,
    isFinal: true,
    clients: [[register("a", "d", "1"), { kind: "loss" }, DAY, register("a", "d", "2"), register("b", "d", "3")]],
  },
  "DEVICES off and on": {
    ...TWO,
    isFinal: true,
    faults: 0,
    clients: [
      [
        register("a", "d", "1"),
        { kind: "devices", mode: undefined },
        deregister("a"),
        register("b", "d", "2"),
        { kind: "devices", mode: "move" },
        DAY,
        DAY,
        register("b", "d", "3"),
      ],
    ],
  },
  "from share to move": {
    ...TWO,
    mode: "share",
    isFinal: true,
    faults: 0,
    clients: [[...TAKEN, { kind: "devices", mode: "move" }, ...Array(8).fill(DAY), register("a", "d", "3")]],
  },
  "a clock that is ahead": {
    ...TWO,
    ahead: { a: 300_000 },
    clients: [[...TAKEN, register("a", "d", "3"), register("b", "d", "4")]],
    faults: 0,
  },
  "a clock that steps back": {
    ...TWO,
    clients: [
      [register("a", "d", "1"), deregister("a"), { kind: "clock", user: "a", ms: -300_000 }, register("a", "d", "3")],
      [register("b", "d", "2", { after: ["0.3"] })],
    ],
  },
  "all clocks step back": {
    ...TWO,
    clients: [[register("a", "d", "1"), { kind: "clock", ms: -300_000 }, register("b", "d", "2")]],
    faults: 0,
  },
  share: {
    ...TWO,
    mode: "share",
    clients: [[register("a", "d", "1"), deregister("a")], [register("b", "d", "2")]],
    faults: 2,
  },
} satisfies Record<string, Scenario>;

/** Those with ten thousand states and more, which are for the suite that has the time. */
export const LONG: ReadonlySet<string> = new Set<ScenarioName>([
  "three race",
  "back beside another",
  "there and back twice",
  "ping-pong",
  "an answer to the alarm that is held back",
  "a rename beside a take-over",
  "deregister",
  "deregister, register",
  "rotate onto another's",
  "erase",
  "a failure, then the next launch",
  "share",
]);

export type ScenarioName = keyof typeof SCENARIOS;
