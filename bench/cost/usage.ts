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

/**
 * What each call uses, as a run has measured it. CPU time is workerd's for the whole call, of which Cloudflare bills the
 * Worker's part; an object is taken to be active for as long as the caller waits. Both are too much rather than too little.
 */
export function usages({ calls, atRest }: Results): { name: string; usage: Usage }[] {
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

/** Each user was registered twice, and replayed twice, which wrote nothing. */
function rowsOfRegistration(atRest: Results["atRest"]): number {
  return (atRest?.rollcall.rowsPerUser.median ?? Number.NaN) / 2;
}

function median({ figures }: CallResult, figure: "cpuMicros" | "p50Millis"): number {
  return figures[figure]?.median ?? Number.NaN;
}
