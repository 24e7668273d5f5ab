import type { DevicesMode, Holding } from "../../model/holding.ts";
import type { Tell } from "../../model/tells.ts";
import { claimedAtOf, countedAt, isNewer } from "./order.ts";

/** What becomes of a device. */
export interface Holdings {
  /** The holdings to write, each in place of the same user's. */
  readonly put: readonly Holding[];
  /** Why the user does not hold the device: when it was named for the one who does, as it counts. */
  readonly standing?: number;
}

const AS_IT_WAS: Holdings = { put: [] };

/**
 * Decides what it means that a user has a device, given all holdings of the device. The order in which it is heard does not
 * matter, nor how often: whoever named the token last has it.
 */
export function decideHold(
  holdings: readonly Holding[],
  { user, userArn }: Pick<Holding, "user" | "userArn">,
  { device, endpointId, at }: Tell,
  { mode, now }: { mode: DevicesMode; now: number },
): Holdings {
  const counted = countedAt(at, now);
  const told: Holding = { device, user, userArn, endpointId, at: counted, ...(counted !== at && { claimedAt: at }) };
  const own = holdings.find((holding) => holding.user === user);
  const isNews = own === undefined || claimedAtOf(own) < at;
  if (mode === "share") {
    return isNews ? { put: [told] } : AS_IT_WAS;
  }
  const others = holdings.filter((holding) => holding.user !== user && !holding.isLost);
  if (!isNews) {
    // What was lost since is not believed again, even if whoever took the device has left it.
    return own.isLost ? { put: [], standing: standingAgainst(own, others, now) } : AS_IT_WAS;
  }
  const winner = newest([told, ...others], now);
  const losers = [told, ...others].filter((holding) => holding !== winner).map(lost);
  return winner === told ? { put: [told, ...losers] } : { put: losers, standing: countedAt(winner.at, now) };
}

function newest(holdings: readonly [Holding, ...Holding[]], now: number): Holding {
  return holdings.reduce((best, other) => (isNewer(other, best, now) ? other : best));
}

/** Another's, or else what is just newer than the user's own that was lost. */
function standingAgainst(own: Holding, [first, ...rest]: readonly Holding[], now: number): number {
  return first === undefined ? countedAt(claimedAtOf(own), now) + 1 : countedAt(newest([first, ...rest], now).at, now);
}

/** A release is of one endpoint, and not of what it held later. Answers the holding that goes, if any. */
export function releasedBy(holdings: readonly Holding[], { endpointId, at }: Tell): Holding | undefined {
  return holdings.find((holding) => holding.endpointId === endpointId && claimedAtOf(holding) <= at);
}

function lost(holding: Holding): Holding {
  return { ...holding, isLost: true };
}
