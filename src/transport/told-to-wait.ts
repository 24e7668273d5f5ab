import type { Throttled } from "../model/failure.ts";
import type { Answer } from "../model/operations.ts";

/** As many at a time; they last for less than a second each, and take about 2 MB in all. */
const REFUSALS_MAX = 10_000;

interface Refusal {
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  readonly until: number;
}

/**
 * What users' objects have just refused for their rates, so that whoever calls again before the time that they named is
 * told the same without them: a flood of one user's calls costs the Worker a fifth less, and the object nothing.
 *
 * Nobody is refused whom the object would have served: a refused call takes nothing out of its bucket, and the time
 * counts from before the object was asked, on this isolate's clock alone.
 */
export class ToldToWait {
  /** By call, an operation of a user, in the order in which they were asked. */
  readonly #refusals = new Map<string, Refusal>();

  /** The refusal that still holds, with what is left of its time. */
  refusal(call: string, now: number): Throttled | undefined {
    const { askedAt, until } = this.#refusals.get(call) ?? { askedAt: now, until: now };
    // A clock that stepped back is no reason to wait for longer.
    return askedAt <= now && now < until
      ? { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: until - now }
      : undefined;
  }

  /** Takes note of what a user's object answered to a call that was made at `askedAt`. */
  note(call: string, askedAt: number, answer: Answer<unknown>): void {
    this.#refusals.delete(call);
    if (answer.kind !== "throttled" || answer.reason !== "OPERATION_RATE_EXCEEDED") {
      return;
    }
    this.#refusals.set(call, { askedAt, until: askedAt + answer.retryAfterMs });
    const [oldest] = this.#refusals.keys();
    if (oldest !== undefined && this.#refusals.size > REFUSALS_MAX) {
      this.#refusals.delete(oldest);
    }
  }
}
