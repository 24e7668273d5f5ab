/**
 * What docs/deploying.md reckons with: the counts are those of a run, and the times are round ones, so that the page says the same
 * whatever machine measured last. They are cents beside rows and requests.
 */
import { ASLEEP, AWAKE } from "../parts/senders/cases.ts";
import { MOVE, MOVE_WITH_EVENTS, WITHOUT } from "../parts/senders/variants.ts";
import type { Measured } from "./usage.ts";

const ONE = { cpuMicros: { median: 1_000 }, p50Millis: { median: 10 } };

/** By the user, of whom a batch serves many at a time. */
const IN_A_BATCH = { cpuMicros: { median: 200 }, p50Millis: { median: 20 } };

/** They cost what others do, but for times. */
const LEFT_OUT = ["resolve 1, asleep", "resolve 1, unknown", "resolve 100, asleep", "launch"];

export const TYPICAL: Measured = {
  senders: {
    variants: [WITHOUT, MOVE, MOVE_WITH_EVENTS].map((name) => ({
      name,
      results: Object.entries({ ...ASLEEP, ...AWAKE })
        .filter(([name]) => !LEFT_OUT.includes(name))
        .map(([name, { callsPerUser }]) => ({ name, ...(callsPerUser === "batch" ? IN_A_BATCH : ONE) })),
    })),
  },
  atRest: { rollcall: { bytesPerUser: { median: 8_192 } } },
};
