import { sayProgress } from "../../command/progress.ts";
import { CALLS_AT_ONCE } from "../caller.ts";
import { inParallel } from "../parallel.ts";
import type { StateFile } from "../state-file.ts";
import { Stopped, TOLD_TO_END } from "../stopped.ts";
import type { Register } from "./register.ts";
import { readRecord } from "./registration.ts";
import type { Mapping } from "./settings.ts";
import type { SourceRecord } from "./source-record.ts";
import { count, emptyTally, type Outcome, soFar, type Tally } from "./tally.ts";

/** How many endpoints are read before it is written that they are done: so many a run that goes on may meet again. */
const BATCH_ENDPOINTS = 100;

/** What is kept for a run that goes on. */
export interface Imported {
  readonly tally: Tally;
  readonly isDone: boolean;
}

/** What to do with each: registering, and remembering that it is done; or, in a dry run, neither. */
export interface Doing {
  readonly register: Register;
  readonly state: StateFile<Imported> | undefined;
}

/** Registers what the records say, batch by batch. Throws Stopped where it can't go on. */
export async function importEndpoints(
  records: AsyncIterable<SourceRecord>,
  mapping: Mapping,
  { register, state }: Doing,
  signal: AbortSignal,
): Promise<Tally> {
  const tally = state?.read()?.tally ?? emptyTally();
  const stopSaying = sayProgress(() => soFar(tally));
  try {
    for await (const batch of batchesOf(records, tally.read)) {
      if (signal.aborted) {
        throw new Stopped(TOLD_TO_END);
      }
      await importBatch(batch, mapping, register, tally);
      state?.write({ tally, isDone: false });
    }
  } finally {
    stopSaying();
  }
  state?.write({ tally, isDone: true });
  return tally;
}

/** Counts nothing of a batch that it could not do to its end. */
async function importBatch(
  batch: readonly SourceRecord[],
  mapping: Mapping,
  register: Register,
  tally: Tally,
): Promise<void> {
  const outcomes: Outcome[] = [];
  await inParallel(batch, CALLS_AT_ONCE, async (record, index) => {
    const read = readRecord(record, mapping, Date.now());
    outcomes[index] = read.kind === "register" ? await register(read.registration) : read;
  });
  for (const [index, outcome] of outcomes.entries()) {
    const line = batch[index]?.line ?? 0;
    count(tally, line, outcome);
    if (outcome.kind === "failed") {
      console.error(`line ${line}: ${outcome.why}`);
    }
  }
}

async function* batchesOf(
  records: AsyncIterable<SourceRecord>,
  skipped: number,
): AsyncGenerator<SourceRecord[], void, undefined> {
  let seen = 0;
  let batch: SourceRecord[] = [];
  for await (const record of records) {
    if (seen++ < skipped) {
      continue;
    }
    batch.push(record);
    if (batch.length === BATCH_ENDPOINTS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
