/**
 * What the Directory must hear of a call, and what has to be remembered until it surely has. Both follow from the rows before and
 * after, so that no rule of a call says anything of the Directory; where there is none, nothing of this is done.
 */
import type { Changes } from "../model/changes.ts";
import type { Endpoint, HeldDevice, Row, Tombstone } from "../model/endpoint.ts";
import { TOMBSTONE_LIFETIME_MS } from "../model/limits.ts";
import type { DeviceKeys, Tell } from "../model/tells.ts";
import { deviceTokenAtOf, type Said } from "./confirm.ts";
import type { Decision } from "./decision.ts";

interface Heard {
  readonly changes: Changes;
  readonly tells: readonly Tell[];
}

/**
 * A call's changes, with what is remembered for the Directory in them, and what it is to hear: of each row that was written or dropped,
 * and where none was, of the row that the call was about. `before` gives a row as it was before the call.
 */
export function withTells(
  { put = [], drop = [], purgeAt, about = [] }: Omit<Decision<unknown>, "answer">,
  before: (endpointId: string) => Row | undefined,
  keys: DeviceKeys,
): Heard {
  const written = put.map((row) => writtenTells(row, before(row.endpointId), keys));
  const ids = new Set(put.map(({ endpointId }) => endpointId));
  // What makes way before the purge has come is released once more, as the purge would.
  const dropped = drop.map(before).filter((row) => row !== undefined);
  const unwritten = [...about.filter(({ endpointId }) => !ids.has(endpointId)), ...dropped];
  return {
    changes: { put: written.map(({ row }) => row), drop, purgeAt },
    tells: [...written.flatMap(({ tells }) => tells), ...unwritten.flatMap((row) => tellsOf(row, keys))],
  };
}

/** What is true of a row, told again: the first time may have been lost. */
export function tellsOf(row: Row, keys: DeviceKeys): Tell[] {
  if (row.state !== "live") {
    return releasesOf(row);
  }
  // An INACTIVE endpoint holds nothing: it would take the device from whoever made it so.
  const held = row.inactiveSince === undefined ? [holdOf(row, keys)] : [];
  return [...held, ...formerOf(row, keys)];
}

interface Written {
  readonly row: Row;
  readonly tells: readonly Tell[];
}

function writtenTells(row: Row, before: Row | undefined, keys: DeviceKeys): Written {
  if (before?.state !== "live") {
    return { row, tells: row.state === "live" ? [holdOf(row, keys)] : [] };
  }
  if (row.state !== "live") {
    const tombstone = { ...row, held: [heldBy(before, keys), ...formerDevices(before)] };
    return { row: tombstone, tells: releasesOf(tombstone) };
  }
  if (keys(row) !== keys(before)) {
    const formerDevice = heldBy(before, keys);
    const released = [formerDevice, ...formerDevices(before)].filter(({ device }) => device !== keys(row));
    return {
      row: { ...row, formerDevice },
      tells: [holdOf(row, keys), ...released.map((held) => releaseOf(row, held))],
    };
  }
  const note = noteOf(row, before);
  const tells = [noted(row, note, keys), ...formerOf(before, keys)].filter((tell) => tell !== undefined);
  const { formerDevice: _, ...confirmed } = row;
  return { row: deviceTokenAtOf(row) > deviceTokenAtOf(before) ? confirmed : row, tells };
}

/** That an endpoint has its device. */
export function holdOf(endpoint: Endpoint, keys: DeviceKeys): Tell {
  const { endpointId, createdAt } = endpoint;
  const at = deviceTokenAtOf(endpoint);
  return { kind: "hold", device: keys(endpoint), endpointId, at, change: at === createdAt ? "registered" : "rotated" };
}

function formerOf(endpoint: Endpoint, keys: DeviceKeys): Tell[] {
  return formerDevices(endpoint)
    .filter(({ device }) => device !== keys(endpoint))
    .map((held) => releaseOf(endpoint, held));
}

/** That what is left of an endpoint has none. */
export function releasesOf(tombstone: Tombstone): Tell[] {
  const happenedAt = tombstone.expiresAt - TOMBSTONE_LIFETIME_MS;
  return (tombstone.held ?? []).map((held) => ({ ...releaseOf(tombstone, held), change: "deregistered", happenedAt }));
}

function releaseOf({ endpointId }: Row, { device, at }: HeldDevice): Tell {
  return { kind: "release", device, endpointId, at };
}

function heldBy(endpoint: Endpoint, keys: DeviceKeys): HeldDevice {
  return { device: keys(endpoint), at: deviceTokenAtOf(endpoint) };
}

function formerDevices({ formerDevice }: Endpoint): readonly HeldDevice[] {
  return formerDevice === undefined ? [] : [formerDevice];
}

function noteOf(endpoint: Endpoint, before: Endpoint): Tell["note"] | undefined {
  if ((endpoint.inactiveSince === undefined) !== (before.inactiveSince === undefined)) {
    return endpoint.inactiveSince === undefined ? "reactivated" : "deactivated";
  }
  // Not by when it was updated: that may be the same millisecond, or earlier by a clock that stepped back.
  return SAID.some((member) => endpoint[member] !== before[member]) ? "updated" : undefined;
}

/** What calls say of an endpoint: see Said. */
const SAID = ["deviceToken", "voipDeviceToken", "name", "allowMessages"] as const satisfies readonly (keyof Said)[];

/** What a write tells of an endpoint that kept its device. */
function noted(endpoint: Endpoint, note: Tell["note"] | undefined, keys: DeviceKeys): Tell | undefined {
  // After both, for a clock may have stepped back between them.
  const happenedAt = Math.max(endpoint.lastUpdatedAt, deviceTokenAtOf(endpoint));
  const hold = { ...holdOf(endpoint, keys), ...(note && { note, happenedAt }) };
  if (endpoint.inactiveSince === undefined) {
    return hold;
  }
  const { change: _, ...rest } = hold;
  return note && { ...rest, kind: "note" };
}
