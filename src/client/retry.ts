import { ConnectError } from "@connectrpc/connect";
import type { RollcallFailure } from "./failure.ts";
import { readError } from "./read-error.ts";

/** How long one attempt may take, in milliseconds, so that a connection that went silent does not use up the call. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** What a pause is drawn from after the first attempt; twice as much after each further one. In milliseconds. */
const BACKOFF_FIRST_MS = 200;

/** The most that a pause is drawn from, in milliseconds. */
const BACKOFF_MAX_MS = 5_000;

export interface Limits {
  readonly maxAttempts: number;
  /** For all attempts and the pauses between them, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether expired credentials can be replaced by new ones. */
  readonly canRefresh: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What an attempt is made with. */
export interface Attempt {
  readonly timeoutMs: number;
  readonly forceRefresh: boolean;
}

/**
 * Makes attempts at a call until one succeeds, or no other may be made. Every operation may be repeated: Register has
 * its request token, and the others set or read a state. Rejects with the RollcallError of the last attempt.
 */
export async function persist<T>(attempt: (given: Attempt) => Promise<T>, limits: Limits): Promise<T> {
  const endsAt = performance.now() + limits.timeoutMs;
  let forceRefresh = false;
  let hasRefreshed = false;
  for (let made = 1; ; made++) {
    try {
      // At least 1, because Connect takes 0 for no limit, and whole, because the wire does.
      const timeoutMs = Math.max(1, Math.ceil(Math.min(ATTEMPT_TIMEOUT_MS, endsAt - performance.now())));
      return await attempt({ timeoutMs, forceRefresh });
    } catch (reason) {
      const error = readError(ConnectError.from(reason));
      forceRefresh = limits.canRefresh && !hasRefreshed && hasExpired(error.failure);
      if (forceRefresh) {
        hasRefreshed = true;
        continue;
      }
      const pauseMs = made < limits.maxAttempts ? pauseAfter(error.failure, made) : undefined;
      if (pauseMs === undefined || pauseMs >= endsAt - performance.now()) {
        throw error;
      }
      await sleep(pauseMs, limits.signal);
    }
  }
}

function hasExpired(failure: RollcallFailure): boolean {
  return failure.kind === "unauthenticated" && ["TOKEN_EXPIRED", "SESSION_EXPIRED"].includes(failure.reason ?? "");
}

/**
 * How long to wait before another attempt, in milliseconds; undefined: none may be made. It is never less than the
 * server asks for. The rest is drawn at random, so that callers who were refused together do not come back together.
 */
function pauseAfter(failure: RollcallFailure, attemptsMade: number): number | undefined {
  const jitterMs = Math.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attemptsMade - 1));
  switch (failure.kind) {
    case "throttled":
    case "unavailable":
      return (failure.retryAfterMs ?? 0) + jitterMs;
    case "deadline_exceeded":
    case "network":
      return jitterMs;
    default:
      return undefined;
  }
}

/** Ends early when the signal aborts; the attempt that comes next then ends as canceled. */
export function sleep(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, durationMs);
    signal?.addEventListener("abort", end);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
  });
}
