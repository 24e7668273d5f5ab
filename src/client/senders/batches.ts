import { RollcallError } from "../failure.ts";
import { sleep } from "../retry.ts";
import { type Group, playRound, type Work } from "./round.ts";
import { batchesOf, type Source } from "./source.ts";

export interface BatchOptions {
  /** How many calls may be on their way at once; 4 when absent. */
  readonly concurrency?: number | undefined;
  /** For how long what failed is tried again, in milliseconds from its first failure; 60,000 when absent. */
  readonly retryForMs?: number | undefined;
  /** Ends it: calls that are on their way are canceled, and no other is made. */
  readonly signal?: AbortSignal | undefined;
}

const CONCURRENCY_DEFAULT = 4;
const RETRY_FOR_DEFAULT_MS = 60_000;

/** What one of several lanes, each of which makes one call at a time, did last. */
interface Turn<Item, Told> {
  readonly lane: number;
  readonly told: readonly Told[];
  /** What it has left of its batch; undefined where no batch is left either. */
  readonly left: readonly Group<Item>[] | undefined;
}

/**
 * Asks for all that a source has, 100 at a time, and tells what came of each as soon as it is known. Reads no further ahead than its
 * calls. Throws what concerns the whole, and RangeError for a concurrency that is none.
 */
export async function* inBatches<Input, Item, Told>(
  source: Source<Input>,
  work: Work<Input, Item, Told>,
  { concurrency = CONCURRENCY_DEFAULT, retryForMs = RETRY_FOR_DEFAULT_MS, signal }: BatchOptions,
): AsyncGenerator<Told, void, undefined> {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new RangeError("concurrency must be a whole number from 1 on");
  }
  const ending = new AbortController();
  let stopWaiting = (_why: RollcallError) => {};
  const batches = batchesOf(source, work.sort);
  const lanes = new Map<number, Promise<Turn<Item, Told>>>();

  function go(lane: number, groups: readonly Group<Item>[]): void {
    const turn = takeTurn(lane, groups);
    // What fails while whoever reads is busy is thrown when they come back.
    turn.catch(() => {});
    lanes.set(lane, turn);
  }

  async function takeTurn(lane: number, groups: readonly Group<Item>[]): Promise<Turn<Item, Told>> {
    const [group, ...rest] = [...groups].sort((a, b) => a.askAt - b.askAt);
    if (group === undefined) {
      const { items = [], told = [] } = (await batches.next()) ?? {};
      const isAtEnd = items.length + told.length === 0;
      return { lane, told, left: isAtEnd ? undefined : groupsOf(items) };
    }
    const pauseMs = group.askAt - performance.now();
    if (pauseMs > 0) {
      await sleep(pauseMs, ending.signal);
    }
    const { told, left } = await playRound(group, work, { retryForMs, signal: ending.signal });
    return { lane, told, left: [...left, ...rest] };
  }

  /** The turn that ends first. */
  function nextTurn(): Promise<Turn<Item, Told>> {
    return new Promise((resolve, reject) => {
      stopWaiting = reject;
      for (const turn of lanes.values()) {
        turn.then(resolve, reject);
      }
      if (signal?.aborted) {
        cancel();
      }
    });
  }

  function cancel(): void {
    ending.abort();
    stopWaiting(new RollcallError("The caller canceled it.", { kind: "canceled" }, { cause: signal?.reason }));
  }

  try {
    signal?.addEventListener("abort", cancel);
    for (let lane = 0; lane < concurrency; lane++) {
      go(lane, []);
    }
    while (lanes.size > 0) {
      const { lane, told, left } = await nextTurn();
      lanes.delete(lane);
      if (left !== undefined) {
        go(lane, left);
      }
      yield* told;
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    ending.abort();
    batches.close();
  }
}

function groupsOf<Item>(items: readonly Item[]): readonly Group<Item>[] {
  return items.length === 0 ? [] : [{ items, askAt: 0, endsAt: undefined }];
}
