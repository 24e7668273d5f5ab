import type { DevicesMode, Holding } from "../../model/holding.ts";
import type { Tell } from "../../model/tells.ts";
import { claimedAtOf, countedAt, isNewer } from "./order.ts";

/** What the Directory knows of a device, as far as one user's word of it needs. */
export interface Known {
  /** What the user has, or has lost. */
  readonly own: Holding | undefined;
  /** All who have the device. Asked only where it matters who they are: of a device that is shared there may be many. */
  readonly holders: () => readonly Holding[];
}

/** What becomes of a device. */
export interface Held {
  /** The holdings to write, each in place of the same user's. */
  readonly put: readonly Holding[];
  /** Who has the device then, where others have lost it. */
  readonly holder?: Holding;
  /** Why the user does not hold the device: when it was named for the one who does, as it counts. */
  readonly standing?: number;
}

const AS_IT_WAS: Held = { put: [] };

/**
 * Decides what it means that a user has a device. The order in which it is heard does not matter, nor how often: whoever named the
 * token last has it.
 */
export function decideHold(
  { own, holders }: Known,
  { user, userArn }: Pick<Holding, "user" | "userArn">,
  { device, endpointId, at }: Tell,
  { mode, now }: { mode: DevicesMode; now: number },
): Held {
  const counted = countedAt(at, now);
  const told: Holding = { device, user, userArn, endpointId, at: counted, ...(counted !== at && { claimedAt: at }) };
  const isNews = own === undefined || claimedAtOf(own) < at;
  if (mode === "share") {
    return isNews ? { put: [told] } : AS_IT_WAS;
  }
  if (!isNews && !own.isLost) {
    return AS_IT_WAS;
  }
  const others = holders().filter((holding) => holding.user !== user);
  if (!isNews) {
    // What was lost since is not believed again, even if whoever took the device has left it.
    return { put: [], standing: standingAgainst(own, others, now) };
  }
  const holder = newest([told, ...others], now);
  const losers = [told, ...others].filter((holding) => holding !== holder).map(lost);
  return holder === told
    ? { put: [told, ...losers], holder }
    : { put: losers, holder, standing: countedAt(holder.at, now) };
}

function newest(holdings: readonly [Holding, ...Holding[]], now: number): Holding {
  return holdings.reduce((best, other) => (isNewer(other, best, now) ? other : best));
}

/** Another's, or else what is just newer than the user's own that was lost. */
function standingAgainst(own: Holding, [first, ...rest]: readonly Holding[], now: number): number {
  return first === undefined ? countedAt(claimedAtOf(own), now) + 1 : countedAt(newest([first, ...rest], now).at, now);
}

/** Whether a release is of what the user has, or has lost: it is of one endpoint, and not of what that held later. */
export function isReleased(own: Holding, { endpointId, at }: Tell): boolean {
  return own.endpointId === endpointId && claimedAtOf(own) <= at;
}

function lost(holding: Holding): Holding {
  return { ...holding, isLost: true };
}
