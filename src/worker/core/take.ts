/** What a user's object does when the Directory tells it who has a device. */
import type { Changes } from "../model/changes.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import type { DeviceKeys } from "../model/tells.ts";
import type { Lost, NotHeld } from "../model/user-rpcs.ts";
import { deviceTokenAtOf, laterUpdate } from "./confirm.ts";
import { isLive } from "./tombstone.ts";

/**
 * Decides what a loss comes to: the device's endpoint is INACTIVE, until its app names it again. Where the device was named since, nothing changes, and that is answered: the Directory has not heard
 * of it yet.
 */
export function decideLoss(
  rows: readonly Row[],
  { device, lostAt }: Lost,
  keys: DeviceKeys,
  now: number,
): Changes & { readonly newer?: Endpoint } {
  const endpoint = rows.filter(isLive).find((endpoint) => keys(endpoint) === device);
  if (endpoint === undefined || endpoint.inactiveSince !== undefined) {
    return {};
  }
  if (deviceTokenAtOf(endpoint) > lostAt) {
    return { newer: endpoint };
  }
  const { suspectedAt: _, ...rest } = endpoint;
  return { put: [{ ...rest, inactiveSince: now, lastUpdatedAt: laterUpdate(endpoint, now) }] };
}

/**
 * Decides to write after all that the device was named, with the time of the call and no later: so a call that is late can do nothing
 * that its first step could not have done.
 */
export function decideNotHeld(
  row: Row | undefined,
  { device, calledAt, standing }: NotHeld,
  keys: DeviceKeys,
): Changes {
  const deviceTokenAt = Math.max(calledAt, standing + 1);
  if (row?.state !== "live" || keys(row) !== device || deviceTokenAtOf(row) >= deviceTokenAt) {
    return {};
  }
  const { inactiveSince, suspectedAt: _, ...rest } = row;
  const lastUpdatedAt = inactiveSince === undefined ? row.lastUpdatedAt : laterUpdate(row, calledAt);
  return { put: [{ ...rest, deviceTokenAt, lastUpdatedAt }] };
}
