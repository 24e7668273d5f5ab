import type { Failure, Throttled } from "../../model/failure.ts";

/** How many are kept at once, about 2 MB. None lasts for longer than a second. */
const NOTES_MAX = 10_000;

interface Note {
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  readonly until: number;
}

/**
 * What users' objects have just refused for their rates, so that whoever calls again before the time that they named is
 * refused without them: a flood of one user's calls then costs the object nothing.
 *
 * Nobody is refused whom the object would have served: a refused call takes nothing out of its bucket, and the time
 * counts from before the object was asked, on this isolate's clock alone.
 */
export class ThrottledCalls {
  /** By call, an operation of a user, in the order in which they were asked. */
  readonly #notes = new Map<string, Note>();

  /** The refusal that still holds, with what is left of its time. */
  refusal(call: string, now: number): Throttled | undefined {
    const { askedAt, until } = this.#notes.get(call) ?? { askedAt: now, until: now };
    // A clock that stepped back is no reason to wait for longer.
    return askedAt <= now && now < until
      ? { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: until - now }
      : undefined;
  }

  /** Takes note of what a user's object answered to a call that was made at `askedAt`. */
  note(call: string, askedAt: number, answer: Failure | { readonly kind: "ok" }): void {
    this.#notes.delete(call);
    if (answer.kind !== "throttled" || answer.reason !== "OPERATION_RATE_EXCEEDED") {
      return;
    }
    this.#notes.set(call, { askedAt, until: askedAt + answer.retryAfterMs });
    const [oldest] = this.#notes.keys();
    if (oldest !== undefined && this.#notes.size > NOTES_MAX) {
      this.#notes.delete(oldest);
    }
  }
}
