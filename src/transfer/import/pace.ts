import { sleep } from "../../client/retry.ts";

/** Answers a function that waits for its turn: so many turns in a second, evenly. It waits no longer once the signal aborts. */
export function pace(perSecond: number, signal: AbortSignal): () => Promise<void> {
  let nextAt = 0;
  return async () => {
    const now = performance.now();
    const turnAt = Math.max(now, nextAt);
    nextAt = turnAt + 1_000 / perSecond;
    if (turnAt > now) {
      await sleep(turnAt - now, signal);
    }
  };
}
