/** What the system goes by: the decisions of src/worker. Each can be replaced, to see what it is for. */

import { decideDelete } from "../../../src/worker/core/delete.ts";
import { decideHold, isReleased } from "../../../src/worker/core/directory/hold.ts";
import { claimedAtOf } from "../../../src/worker/core/directory/order.ts";
import { decideLoss, decideNotHeld } from "../../../src/worker/core/take.ts";
import { withTells } from "../../../src/worker/core/tells.ts";
import type { Holding } from "../../../src/worker/model/holding.ts";
import type { DeviceKeys } from "../../../src/worker/model/tells.ts";

export const RULES = {
  erase: decideDelete,
  withTells,
  loss: decideLoss,
  notHeld: decideNotHeld,
  hold: decideHold,
  isReleased,
  /** What the loser's object is told: when the device was named for it. */
  lostAt: (lost: Holding, _others: readonly Holding[]) => claimedAtOf(lost),
  /** Whether the loser has been told of the holding that is stored, now that its object has answered. */
  isTold: (stored: Holding, sent: Holding) =>
    stored.endpointId === sent.endpointId && claimedAtOf(stored) === claimedAtOf(sent),
  /** Whether a holding stays when its user has been told. */
  remembersLost: true,
  /** Whether what the loser's object answers is compared as any other hold is. */
  comparesAnswers: true,
  /** Whether a call that does not hold its device is written after all. */
  confirms: (standing: number, calledAt: number) => standing <= calledAt,
  /** The time that is written then. */
  confirmedAt: (calledAt: number, _now: number) => calledAt,
  /** Whether the user's object commits before the Directory hears of it. */
  commitsFirst: true,
  purgeReleases: true,
};

export type Rules = typeof RULES;

/** A device by its own letter. Real names have a "/" in them as well. */
export const keys: DeviceKeys = ({ deviceToken }) => deviceName(deviceToken);

export function deviceName(letter: string): string {
  return `instance/${letter}`;
}
