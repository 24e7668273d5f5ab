import { retryAt } from "../core/directory/backoff.ts";
import { claimedAtOf } from "../core/directory/order.ts";
import type { Holding } from "../model/holding.ts";
import { LOSER_ANSWER_MAX_MS, LOSERS_AT_ONCE } from "../model/limits.ts";
import type { Placement } from "../model/placement.ts";
import type { Tell } from "../model/tells.ts";
import type { UserNamespace } from "../model/user-rpcs.ts";
import type { AwakeUsers } from "../objects/awake-users.ts";
import { appInstanceOf } from "../objects/device-key.ts";
import { objectFor, objectName } from "../objects/place.ts";
import { inOneStep } from "../storage/access.ts";
import { type Due, dropDue, dueLosers, lostAt, putOff, waitingLosers } from "../storage/holdings.ts";

/** What the users are reached by, and who hears what one of them has named since. */
interface Reached {
  readonly users: UserNamespace;
  readonly placement: Placement;
  /** Absent where there is room enough. */
  readonly room: AwakeUsers | undefined;
  readonly hear: (who: Holding, newer: Tell) => void;
}

/**
 * Tells the users who have lost a device, those who have waited longest first, each again and again until the user's object has answered.
 * That counts for what was lost when it was asked: it may be theirs again meanwhile, or lost anew.
 */
export class Losers {
  readonly #storage: DurableObjectStorage;
  readonly #reached: Reached;

  constructor(storage: DurableObjectStorage, reached: Reached) {
    this.#storage = storage;
    this.#reached = reached;
  }

  /** When the first of those who wait is to be told; undefined: nobody waits. */
  nextAt(): number | undefined {
    return waitingLosers(this.#storage.kv, 1)[0]?.at;
  }

  /** Tells some of those who are due, at once, and answers how many could not be told. */
  async tellDue(now: number): Promise<number> {
    const due = dueLosers(this.#storage.kv, now, LOSERS_AT_ONCE);
    const told = await Promise.all(due.map((loser) => this.#tell(loser)));
    return told.filter((isTold) => !isTold).length;
  }

  async #tell(due: Due): Promise<boolean> {
    const { users, placement, room } = this.#reached;
    const lost = lostAt(this.#storage.kv, due.key);
    if (lost === undefined) {
      dropDue(this.#storage.kv, due);
      return true;
    }
    const { userArn, device } = lost;
    const name = objectName(userArn);
    const now = Date.now();
    const full = room?.enter(name, CALLER, now);
    if (full !== undefined) {
      putOff(this.#storage.kv, due, { at: now + full.retryAfterMs, failures: due.failures });
      return false;
    }
    try {
      const user = objectFor(users, placement, userArn, name);
      const lostAt = claimedAtOf(lost);
      const { newer } = await inTime(user.loseDevice({ appInstanceArn: appInstanceOf(userArn), device, lostAt }));
      inOneStep(this.#storage, () => {
        if (this.#isStill(due, lost)) {
          dropDue(this.#storage.kv, due);
        }
        if (newer !== undefined) {
          // Compared as any other hold is: somebody may have named the device since.
          this.#reached.hear(lost, newer);
        }
      });
      return true;
    } catch (error) {
      const failures = due.failures + 1;
      console.error(JSON.stringify({ event: "loser_not_told", failures, error: messageOf(error) }));
      inOneStep(this.#storage, () => {
        if (this.#isStill(due, lost)) {
          putOff(this.#storage.kv, due, { at: retryAt(due.failures, Date.now()), failures });
        }
      });
      return false;
    }
  }

  #isStill(due: Due, sent: Holding): boolean {
    const lost = lostAt(this.#storage.kv, due.key);
    return lost?.endpointId === sent.endpointId && claimedAtOf(lost) === claimedAtOf(sent);
  }
}

/** What the Directory is counted by, among the callers who keep users awake. */
const CALLER = "directory";

/** An object that does not answer must not keep the alarm, and so whoever else is to be told. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("no answer in time")), LOSER_ANSWER_MAX_MS);
  try {
    return await Promise.race([answer, never]);
  } finally {
    // It would keep the object awake.
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
