import type { Call } from "./wires.ts";

/** One thing that each user of a round does. */
export interface Step {
  readonly name: string;
  readonly title: string;
  readonly call: Call;
  readonly device: number;
  /**
   * "sleeping": those of the round before, whose objects sleep by now. "new": those of this round. "some": as many of
   * these as are called within a second, for who is refused for a rate. "one": the first of them, again and again.
   */
  readonly users: "sleeping" | "new" | "some" | "one";
  /** The status of every answer; "ok" is any 2xx. */
  readonly expects: "ok" | 400 | 401 | 429;
  /** What Rollcall is compared with; absent where the step only prepares the next. */
  readonly baseline?: "floor" | "hello";
}

const DEFAULTS = { device: 1, users: "new", expects: "ok" } as const;

/**
 * A round of one Worker. Every Worker goes through the same, so that each step finds the same objects in the same state:
 * they sleep, they are not there yet, or they are awake and have the same rows.
 */
export const STEPS: readonly Step[] = [
  {
    ...DEFAULTS,
    ...{ name: "returning-cold", title: "register, returning users whose objects sleep" },
    ...{ call: "register", device: 3, users: "sleeping", baseline: "floor" },
  },
  { ...DEFAULTS, name: "new", title: "register, new users", call: "register", baseline: "floor" },
  {
    ...DEFAULTS,
    ...{ name: "returning", title: "register, returning users" },
    ...{ call: "register", device: 2, baseline: "floor" },
  },
  { ...DEFAULTS, name: "replay", title: "register, replayed", call: "replay", device: 2, baseline: "floor" },
  { ...DEFAULTS, name: "describe", title: "describe", call: "describe", baseline: "floor" },
  { ...DEFAULTS, name: "list", title: "list", call: "list", baseline: "floor" },
  {
    ...DEFAULTS,
    ...{ name: "invalid", title: "refused by validation" },
    ...{ call: "invalid", expects: 400, baseline: "hello" },
  },
  {
    ...DEFAULTS,
    ...{ name: "unauthenticated", title: "refused by authentication" },
    ...{ call: "unauthenticated", expects: 401, baseline: "hello" },
  },
];

/** A round of a Worker that serves each user once a second. Whoever never registered is answered without an object, and so without a rate. */
export const THROTTLE_STEPS: readonly Step[] = [
  { ...DEFAULTS, name: "registered", title: "registered", call: "register", users: "some" },
  { ...DEFAULTS, name: "served", title: "served", call: "list", users: "some" },
  {
    ...DEFAULTS,
    ...{ name: "throttled-by-object", title: "refused by the throttle, in the object" },
    ...{ call: "list", users: "some", expects: 429, baseline: "hello" },
  },
  {
    ...DEFAULTS,
    ...{ name: "throttled-by-worker", title: "refused by the throttle, repeated by the Worker" },
    ...{ call: "list", users: "one", expects: 429, baseline: "hello" },
  },
];
