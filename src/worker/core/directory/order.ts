import type { Holding } from "../../model/holding.ts";
import { CLOCKS_APART_MAX_MS } from "../../model/limits.ts";

/** When a token was named, as the Directory may count it: a clock that is ahead must not win until it is true. */
export function countedAt(at: number, now: number): number {
  return isAhead(at, now) ? now : at;
}

/** When a token was named, as the user's object itself has it. */
export function claimedAtOf({ at, claimedAt = at }: Holding): number {
  return claimedAt;
}

/**
 * Whether one of two users' holdings is the newer: by when its token was named, and in the same millisecond in the order of the
 * users' ARNs, so that whatever order they are heard in, the same one wins. What is found to be ahead of the clock, which
 * must have been set back since, loses to anybody.
 */
export function isNewer(holding: Holding, other: Holding, now: number): boolean {
  const [isItAhead, isOtherAhead] = [isAhead(holding.at, now), isAhead(other.at, now)];
  if (isItAhead !== isOtherAhead) {
    return isOtherAhead;
  }
  return holding.at === other.at ? holding.userArn > other.userArn : holding.at > other.at;
}

function isAhead(at: number, now: number): boolean {
  return at > now + CLOCKS_APART_MAX_MS;
}
