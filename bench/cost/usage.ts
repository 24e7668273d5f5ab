import type { Quartiles } from "../../scripts/spread.ts";
import { FAN_OUT_MAX } from "../../src/worker/model/limits.ts";
import type { CallResult } from "../calls/rounds.ts";
import { MOVE, MOVE_WITH_EVENTS, WITHOUT } from "../parts/senders/variants.ts";
import type { Results } from "../report/results.ts";
import type { Usage } from "./model.ts";

const WIRE = "REST, SigV4";

/** The calls with a price, by the step that measures them; rows as test/worker/app-instance-user/costs.test.ts holds them. */
const CALLS = [
  { name: "replays", step: "replay", objectCalls: 1, rowsRead: 2 },
  { name: "lists", step: "list", objectCalls: 1, rowsRead: 2 },
  { name: "refusals by validation", step: "invalid", objectCalls: 0, rowsRead: 0 },
  { name: "refusals by authentication", step: "unauthenticated", objectCalls: 0, rowsRead: 0 },
  { name: "refusals by the throttle, in the object", step: "throttled-by-object", objectCalls: 1, rowsRead: 0 },
  { name: "refusals by the throttle, repeated", step: "throttled-by-worker", objectCalls: 0, rowsRead: 0 },
] as const;

/**
 * The same of calls that are measured by the user, who has two endpoints: a call is about so many users. With a Directory, by
 * test/worker/directory/costs.test.ts: the objects called besides for each of them, and the rows written at these, or at whom they call.
 */
const SENDER_CALLS: readonly SenderCall[] = [
  { name: "resolves of 1 user", case: "resolve 1", rowsRead: 2, rowsWritten: 0 },
  { name: "resolves of 1 user who sleeps", case: "resolve 1, asleep", rowsRead: 2, rowsWritten: 0 },
  { name: "resolves of 1 unknown user", case: "resolve 1, unknown", rowsRead: 0, rowsWritten: 0 },
  { name: "resolves of 100 users", case: "resolve 100", users: 100, rowsRead: 2, rowsWritten: 0 },
  { name: "resolves of 100 users who sleep", case: "resolve 100, asleep", users: 100, rowsRead: 2, rowsWritten: 0 },
  { name: "reports of 100 other failures", case: "report 100, ignored", users: 100, rowsRead: 1, rowsWritten: 0 },
  {
    ...{ name: "reports of 100 dead tokens", case: "report 100, dead", users: 100, rowsRead: 1, rowsWritten: 1 },
    ...{ directory: { calls: 0, rowsRead: 0, rowsWritten: 0, events: 1 } },
  },
  {
    ...{ name: "registrations, new users", case: "new", rowsRead: 0, rowsWritten: 1 },
    ...{ directory: { calls: 1, rowsRead: 1, rowsWritten: 1, events: 1 } },
  },
  {
    ...{ name: "registrations, returning users", case: "register", rowsRead: 2, rowsWritten: 1 },
    ...{ directory: { calls: 1, rowsRead: 1, rowsWritten: 1, events: 1 } },
  },
  {
    ...{ name: "launches that confirm a token", case: "launch", rowsRead: 2, rowsWritten: 0 },
    ...{ directory: { calls: 1, rowsRead: 1, rowsWritten: 0, events: 0 } },
  },
  {
    ...{
      name: "launches that confirm a token, of users who sleep",
      case: "launch, asleep",
      rowsRead: 2,
      rowsWritten: 0,
    },
    ...{ directory: { calls: 1, rowsRead: 1, rowsWritten: 0, events: 0 } },
  },
  {
    ...{ name: "launches that write it, as each week's first", case: "heal", rowsRead: 2, rowsWritten: 1 },
    ...{ directory: { calls: 1, rowsRead: 2, rowsWritten: 1, events: 0 } },
  },
  {
    ...{ name: "updates with another token", case: "rotate", rowsRead: 3, rowsWritten: 1 },
    ...{ directory: { calls: 2, rowsRead: 3, rowsWritten: 2, events: 1 } },
  },
  {
    // The shard's alarm calls the loser's object, and each of the two is a call.
    ...{ name: "registrations of another user's device", case: "take", rowsRead: 2, rowsWritten: 1 },
    ...{ directory: { calls: 3, rowsRead: 8, rowsWritten: 8, events: 1 } },
  },
];

interface SenderCall {
  readonly name: string;
  readonly case: string;
  readonly users?: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly directory?: {
    readonly calls: number;
    readonly rowsRead: number;
    readonly rowsWritten: number;
    /** Where somebody is sent them. */
    readonly events: number;
  };
}

/**
 * What an event takes that is delivered by itself, the dearest way: it is written and removed, how far the shard has come is written, and
 * so are an alarm that sends it and one that looks after it. Of a batch of 100, each takes little more than the first two rows.
 */
const EVENT = { rowsRead: 6, rowsWritten: 5, objectCalls: 2 };

/** How long a receiver of events takes to answer, while the shard waits. */
const RECEIVER_MILLIS = 100;

/** One of the configurations that are measured beside each other. */
export type With = "nothing" | "DEVICES" | "events too";

/** What each is called among the results. */
const VARIANTS: Readonly<Record<With, string>> = {
  nothing: WITHOUT,
  DEVICES: MOVE,
  "events too": MOVE_WITH_EVENTS,
};

type Median = Pick<Quartiles, "median">;

/** What is priced of the results, as far as a Directory changes it. */
export interface Measured {
  readonly senders?: {
    readonly variants: readonly {
      readonly name: string;
      readonly results: readonly { readonly name: string; readonly cpuMicros: Median; readonly p50Millis: Median }[];
    }[];
  };
  readonly atRest?: { readonly rollcall: { readonly bytesPerUser: Median } };
}

export interface Used {
  readonly name: string;
  readonly usage: Usage;
}

export function usages(results: Results): Used[] {
  return [...usagesOfSenders(results, "nothing"), ...usagesOfCalls(results)];
}

/**
 * What each call uses, as a run has measured it. CPU time is workerd's for the whole call, of which Cloudflare bills the
 * Worker's part; an object is taken to be active for as long as the caller waits. Both are too much rather than too little.
 */
function usagesOfCalls({ calls }: Results): Used[] {
  return CALLS.flatMap(({ name, step, objectCalls, rowsRead }) => {
    const measured = calls.filter((call) => call.step === step && call.wire === WIRE);
    const [single] = measured.toSorted((a, b) => a.connections - b.connections);
    const [usual] = measured.toSorted((a, b) => b.rounds - a.rounds);
    if (single === undefined || usual === undefined) {
      return [];
    }
    const objectMillis = objectCalls * median(single, "p50Millis");
    const cpuMillis = median(usual, "cpuMicros") / 1_000;
    return [{ name, usage: { cpuMillis, objectCalls, objectMillis, rowsRead, rowsWritten: 0, logLines: 1 } }];
  });
}

/** As many objects as are asked at once are taken to be active for as long as the caller waits; a shard is called when a user's has answered. */
export function usagesOfSenders({ senders }: Measured, given: With): Used[] {
  return SENDER_CALLS.flatMap(({ name, case: measured, users = 1, rowsRead, rowsWritten, directory }) => {
    // What has nothing to do with a Directory costs what it does without.
    const of = VARIANTS[directory === undefined ? "nothing" : given];
    const variant = senders?.variants.find((each) => each.name === of);
    const result = variant?.results.find((each) => each.name === measured);
    if (result === undefined) {
      return [];
    }
    const more = given === "nothing" || directory === undefined ? NONE : directory;
    const events = given === "events too" ? more.events : 0;
    // An event by itself is told in a call of its own.
    const calls = more.calls === 0 ? events : more.calls;
    const usage = {
      cpuMillis: (result.cpuMicros.median * users) / 1_000,
      objectCalls: users * (1 + calls + events * EVENT.objectCalls),
      objectMillis: Math.min(users, FAN_OUT_MAX) * result.p50Millis.median + users * events * RECEIVER_MILLIS,
      rowsRead: users * (rowsRead + more.rowsRead + events * EVENT.rowsRead),
      rowsWritten: users * (rowsWritten + more.rowsWritten + events * EVENT.rowsWritten),
      logLines: 1,
    };
    return [{ name, usage }];
  });
}

const NONE = { calls: 0, rowsRead: 0, rowsWritten: 0, events: 0 };

function median({ figures }: CallResult, figure: "cpuMicros" | "p50Millis"): number {
  return figures[figure]?.median ?? Number.NaN;
}
