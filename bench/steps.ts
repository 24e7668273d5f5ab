import type { User, Wire } from "./wires.ts";

/** One thing that each user of a round does, in the order of these: those of the round before, or those who are new. */
export interface Step {
  readonly name: string;
  readonly title: string;
  /** Of the round before: their objects sleep. */
  readonly users: "sleeping" | "new";
  readonly request: (wire: Wire, user: User) => Promise<Uint8Array>;
}

/**
 * A round of one Worker. Every Worker goes through the same, so that each step finds the same objects in the same state:
 * they are asleep, they are not there yet, or they are awake and have the same rows.
 */
export const STEPS: readonly Step[] = [
  {
    name: "returning-cold",
    title: "register, returning users, objects asleep",
    users: "sleeping",
    request: (wire, user) => wire.register(user, 3),
  },
  {
    name: "new",
    title: "register, new users",
    users: "new",
    request: (wire, user) => wire.register(user, 1),
  },
  {
    name: "returning",
    title: "register, returning users",
    users: "new",
    request: (wire, user) => wire.register(user, 2),
  },
  {
    name: "replay",
    title: "register, replayed",
    users: "new",
    request: (wire, user) => wire.replay(user, 2),
  },
  { name: "describe", title: "describe", users: "new", request: (wire, user) => wire.describe(user) },
  { name: "list", title: "list", users: "new", request: (wire, user) => wire.list(user) },
];
