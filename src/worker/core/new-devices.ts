/**
 * With DEVICES=move whoever names a device takes it from its former user, and lists of stolen tokens are long: so a user may name no more
 * than DEVICES_PER_DAY devices in a day that were not theirs, or not any more.
 */
import type { Changes } from "../model/changes.ts";
import type { Endpoint, Row } from "../model/endpoint.ts";
import type { UserFailure } from "../model/failure.ts";
import { DEVICES_PER_DAY } from "../model/limits.ts";
import { timeOf } from "./endpoint-id.ts";
import { isSameDevice } from "./same-device.ts";
import { isLive } from "./tombstone.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

interface Known {
  /** A row as it was before the changes. */
  before(endpointId: string): Row | undefined;
  /** All of the user's rows: what is left of endpoints counts too, and is kept for a day. */
  loadAll(): readonly Row[];
  readonly now: number;
  /** Whether the device is known to be another user's. */
  readonly isTaken?: true;
}

/** Changes, with what they name counted in them, or why they may not be made. */
export function countNewDevices({ put = [], ...others }: Changes, known: Known): Changes | UserFailure {
  const counted = put.map((row) => count(row, known));
  const isNew = counted.some((row, n) => row !== put[n] || known.before(row.endpointId) === undefined);
  return (isNew ? tooManyDevices(known.loadAll(), known.now) : undefined) ?? { put: counted, ...others };
}

/** An endpoint that is made counts by itself: its id tells when. */
function count(row: Row, { before, now, isTaken }: Known): Row {
  const former = before(row.endpointId);
  const isNamedAnew =
    isLive(row) && former !== undefined && isLive(former) && (isTaken || isAnother(row, former) || isBack(row, former));
  return isNamedAnew ? { ...row, rotations: oneMore(row, now) } : row;
}

function isAnother(endpoint: Endpoint, former: Endpoint): boolean {
  return !isSameDevice(endpoint, former);
}

/** It may have been INACTIVE because another user took its device. */
function isBack(endpoint: Endpoint, former: Endpoint): boolean {
  return former.inactiveSince !== undefined && endpoint.inactiveSince === undefined;
}

function oneMore({ rotations = [] }: Endpoint, now: number): readonly number[] {
  return [...rotations.filter((at) => at > now - DAY_MS), now];
}

function tooManyDevices(rows: readonly Row[], now: number): UserFailure | undefined {
  const times = rows.flatMap(({ endpointId, rotations = [] }) => [timeOf(endpointId), ...rotations]);
  const named = times.filter((at) => at > now - DAY_MS);
  const first = named.sort((a, b) => a - b)[named.length - DEVICES_PER_DAY];
  return first === undefined
    ? undefined
    : { kind: "throttled", reason: "TOO_MANY_DEVICES", retryAfterMs: first + DAY_MS - now };
}
