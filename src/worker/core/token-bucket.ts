import type { Rate } from "../model/rate.ts";

/** What is left of a rate at a moment. */
export interface TokenBucket {
  readonly tokens: number;
  /** Milliseconds since 1970. */
  readonly refilledAt: number;
}

/**
 * Takes one call out of a bucket (`undefined`: one that nobody used yet, so full) and answers the bucket as it is
 * then, and how many milliseconds to wait before the next try: 0 when the call is allowed.
 *
 * A clock that stepped back gives nothing and takes nothing: the refill starts again from `now`.
 */
export function take(
  bucket: TokenBucket | undefined,
  rate: Rate,
  now: number,
): { bucket: TokenBucket; waitMs: number } {
  const tokens = bucket === undefined ? rate.burst : refilled(bucket, rate, now);
  if (tokens >= 1) {
    return { bucket: { tokens: tokens - 1, refilledAt: now }, waitMs: 0 };
  }
  const waitMs = Math.ceil(((1 - tokens) * 1_000) / rate.perSecond);
  return { bucket: { tokens, refilledAt: now }, waitMs };
}

function refilled({ tokens, refilledAt }: TokenBucket, rate: Rate, now: number): number {
  const elapsedMs = Math.max(0, now - refilledAt);
  return Math.min(rate.burst, tokens + (elapsedMs * rate.perSecond) / 1_000);
}
