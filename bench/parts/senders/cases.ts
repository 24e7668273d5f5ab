import { freshUser } from "../../calls/contestant.ts";
import type { restWire, User } from "../../calls/wires.ts";

/** Each batch comes this often: alone it would be too short to be measured. */
const TIMES = 2;

type Wire = ReturnType<typeof restWire>;

/** A user with two devices, once they are registered. */
export interface Registered extends User {
  readonly second: User;
}

export interface Case {
  readonly title: string;
  /** The case that it is compared with. */
  readonly to: string;
  /** How many calls of this case a user takes, or that half of a round's users are served by one. */
  readonly callsPerUser: number | "batch";
  /** Whether an older release that knows nothing of senders does the same. */
  readonly isOld?: boolean;
  /** Whether the bare steps do. */
  readonly isBare?: boolean;
  readonly requests: (wire: Wire, users: readonly Registered[]) => Promise<Uint8Array>[];
}

const inBatches = { callsPerUser: "batch" } as const;

function batches<Each>(users: readonly Each[], request: (some: readonly Each[]) => Promise<Uint8Array>, times = TIMES) {
  const all = [users.slice(0, users.length / 2), users.slice(users.length / 2)];
  return Array.from({ length: times }, () => all.map(request)).flat();
}

const LISTS = "list and describe";
export const NEW = "new";
export const REGISTER = "register";

/** What is asked first in a round, of some each of the users of the round before, whose objects sleep by now. */
export const ASLEEP: Readonly<Record<string, Case>> = {
  "resolve 100, asleep": {
    ...{ title: "resolve of 100 whose objects sleep", to: LISTS, ...inBatches },
    requests: ({ resolve }, users) => [resolve(users.slice(0, users.length / 2))],
  },
  "resolve 1, asleep": {
    ...{ title: "resolve of 1 whose object sleeps", to: LISTS, callsPerUser: 1 },
    requests: ({ resolve }, users) => users.slice(users.length / 2, users.length * 0.75).map((user) => resolve([user])),
  },
  "launch, asleep": {
    ...{ title: "register the same device again, whose user's object sleeps", to: REGISTER, callsPerUser: 1 },
    requests: ({ relaunch }, users) => users.slice(users.length * 0.75).map((user) => relaunch(user, 4)),
  },
};

/** In this order: each finds users as the one before has left them. */
export const AWAKE: Readonly<Record<string, Case>> = {
  [NEW]: {
    ...{ title: "register, new users", to: REGISTER, callsPerUser: 1, isOld: true, isBare: true },
    requests: ({ register }, users) => users.map((user) => register(user, 1)),
  },
  [REGISTER]: {
    ...{ title: "register, returning users", to: REGISTER, callsPerUser: 1, isOld: true, isBare: true },
    requests: ({ register }, users) => users.map((user) => register(user, 2)),
  },
  [LISTS]: {
    ...{ title: "list, and describe both endpoints", to: LISTS, callsPerUser: 3, isOld: true },
    requests: ({ list, describe }, users) =>
      users.flatMap((user) => [list(user, 1), describe(user, 1), describe(user.second, 1)]),
  },
  "resolve 1": {
    ...{ title: "resolve of 1", to: LISTS, callsPerUser: 1 },
    requests: ({ resolve }, users) => users.map((user) => resolve([user])),
  },
  "resolve 1, unknown": {
    ...{ title: "resolve of 1 who is unknown", to: LISTS, callsPerUser: 1 },
    requests: ({ resolve }, users) => users.map(() => resolve([freshUser()])),
  },
  "resolve 100": {
    ...{ title: "resolve of 100", to: LISTS, ...inBatches },
    requests: ({ resolve }, users) => batches(users, resolve),
  },
  "resolve 100, unknown": {
    ...{ title: "resolve of 100 who are unknown", to: LISTS, ...inBatches },
    requests: ({ resolve }, users) => batches(users, (some) => resolve(some.map(freshUser))),
  },
  "report 100, ignored": {
    ...{ title: "report of 100 failures that are no token's fault", to: LISTS, ...inBatches },
    requests: ({ report }, users) => batches(users, (some) => report(some, "PayloadTooLarge")),
  },
  launch: {
    ...{ title: "register the same device again, which adopts and writes nothing", to: REGISTER, callsPerUser: 1 },
    requests: ({ relaunch }, users) => users.map((user) => relaunch(user, 1)),
  },
  "report 100, dead": {
    ...{ title: "report of 100 failures, each of which writes a row", to: REGISTER, ...inBatches },
    requests: ({ report }, users) => batches(users, (some) => report(some, "Unregistered"), 1),
  },
  heal: {
    ...{ title: "register an INACTIVE device again, which adopts and writes", to: REGISTER, callsPerUser: 1 },
    requests: ({ relaunch }, users) => users.map((user) => relaunch(user, 1)),
  },
  rotate: {
    ...{ title: "update with another device token", to: REGISTER, callsPerUser: 1 },
    requests: ({ rotate }, users) => users.map((user) => rotate(user, 4)),
  },
  take: {
    ...{ title: "register a device that is another user's", to: REGISTER, callsPerUser: 1 },
    requests: ({ take }, users) => users.map((user, n) => take(user, users.at(n - 1) ?? user, 2)),
  },
};
