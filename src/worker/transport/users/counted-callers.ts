import { CALLER_RATE_PERIOD_MS } from "../../model/limits.ts";
import type { CallerRate } from "./caller-rate.ts";

/** How many callers are counted at once, about 2 MB. Each has credentials that are good, so more are no flood of one's. */
const CALLERS_MAX = 10_000;

/**
 * The rate of callers in memory, for a runtime that has no rate limits of its own and serves in one process. Everybody's
 * count begins anew together: at the border of two periods a caller may come twice as often, as with the runtime's.
 */
export class CountedCallers implements CallerRate {
  readonly #max: number;
  readonly #now: () => number;
  readonly #calls = new Map<string, number>();
  #since = 0;

  /** At most so many calls of each caller in CALLER_RATE_PERIOD_MS. */
  constructor(max: number, now: () => number = Date.now) {
    this.#max = max;
    this.#now = now;
  }

  async limit({ key }: { key: string }): Promise<{ success: boolean }> {
    const now = this.#now();
    // Also where the clock stepped back.
    if (now < this.#since || now >= this.#since + CALLER_RATE_PERIOD_MS) {
      this.#calls.clear();
      this.#since = now;
    }
    const calls = (this.#calls.get(key) ?? 0) + 1;
    if (calls > 1 || this.#calls.size < CALLERS_MAX) {
      this.#calls.set(key, calls);
    }
    return { success: calls <= this.#max };
  }
}
