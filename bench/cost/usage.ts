import { FAN_OUT_MAX } from "../../src/worker/model/limits.ts";
import type { CallResult } from "../calls/rounds.ts";
import type { Results } from "../report/results.ts";
import type { Usage } from "./model.ts";

const WIRE = "REST, SigV4";

/** The calls with a price, by the step that measures them; rows as test/worker/app-instance-user/costs.test.ts holds them. */
const CALLS = [
  { name: "registrations, new users", step: "new", objectCalls: 1, rowsRead: 0, writes: true },
  { name: "registrations, returning users", step: "returning-cold", objectCalls: 1, rowsRead: 2, writes: true },
  { name: "replays", step: "replay", objectCalls: 1, rowsRead: 2, writes: false },
  { name: "lists", step: "list", objectCalls: 1, rowsRead: 2, writes: false },
  { name: "refusals by validation", step: "invalid", objectCalls: 0, rowsRead: 0, writes: false },
  { name: "refusals by authentication", step: "unauthenticated", objectCalls: 0, rowsRead: 0, writes: false },
  {
    name: "refusals by the throttle, in the object",
    step: "throttled-by-object",
    objectCalls: 1,
    rowsRead: 0,
    writes: false,
  },
  {
    name: "refusals by the throttle, repeated",
    step: "throttled-by-worker",
    objectCalls: 0,
    rowsRead: 0,
    writes: false,
  },
] as const;

/** The same of calls that are measured by the user, who has two endpoints: a call is about so many users. */
const SENDER_CALLS = [
  { name: "resolves of 1 user", case: "resolve 1", users: 1, rowsRead: 2, rowsWritten: 0 },
  { name: "resolves of 100 users", case: "resolve 100", users: 100, rowsRead: 2, rowsWritten: 0 },
  { name: "resolves of 100 users who sleep", case: "resolve 100, asleep", users: 100, rowsRead: 2, rowsWritten: 0 },
  { name: "reports of 100 dead tokens", case: "report 100, dead", users: 100, rowsRead: 1, rowsWritten: 1 },
  { name: "reports of 100 other failures", case: "report 100, ignored", users: 100, rowsRead: 1, rowsWritten: 0 },
  { name: "updates with another token", case: "rotate", users: 1, rowsRead: 3, rowsWritten: 1 },
  { name: "launches that confirm a token", case: "launch", users: 1, rowsRead: 2, rowsWritten: 0 },
  { name: "launches that write it, as each week's first", case: "heal", users: 1, rowsRead: 2, rowsWritten: 1 },
] as const;

export function usages(results: Results): { name: string; usage: Usage }[] {
  return [...usagesOfCalls(results), ...usagesOfSenders(results)];
}

/**
 * What each call uses, as a run has measured it. CPU time is workerd's for the whole call, of which Cloudflare bills the
 * Worker's part; an object is taken to be active for as long as the caller waits. Both are too much rather than too little.
 */
function usagesOfCalls({ calls, atRest }: Results): { name: string; usage: Usage }[] {
  return CALLS.flatMap(({ name, step, objectCalls, rowsRead, writes }) => {
    const measured = calls.filter((call) => call.step === step && call.wire === WIRE);
    const [single] = measured.toSorted((a, b) => a.connections - b.connections);
    const [usual] = measured.toSorted((a, b) => b.rounds - a.rounds);
    if (single === undefined || usual === undefined) {
      return [];
    }
    const objectMillis = objectCalls * median(single, "p50Millis");
    const rowsWritten = writes ? rowsOfRegistration(atRest) : 0;
    const cpuMillis = median(usual, "cpuMicros") / 1_000;
    return [{ name, usage: { cpuMillis, objectCalls, objectMillis, rowsRead, rowsWritten, logLines: 1 } }];
  });
}

/** As many objects as are asked at once are taken to be active for as long as the caller waits. */
function usagesOfSenders({ senders }: Results): { name: string; usage: Usage }[] {
  return SENDER_CALLS.flatMap(({ name, case: measured, users, rowsRead, rowsWritten }) => {
    const result = senders?.results.find((each) => each.name === measured);
    if (result === undefined) {
      return [];
    }
    const usage = {
      cpuMillis: (result.cpuMicros.median * users) / 1_000,
      objectCalls: users,
      objectMillis: Math.min(users, FAN_OUT_MAX) * result.p50Millis.median,
      rowsRead: users * rowsRead,
      rowsWritten: users * rowsWritten,
      logLines: 1,
    };
    return [{ name, usage }];
  });
}

/** Each user was registered twice, and replayed twice, which wrote nothing. */
function rowsOfRegistration(atRest: Results["atRest"]): number {
  return (atRest?.rollcall.rowsPerUser.median ?? Number.NaN) / 2;
}

function median({ figures }: CallResult, figure: "cpuMicros" | "p50Millis"): number {
  return figures[figure]?.median ?? Number.NaN;
}
