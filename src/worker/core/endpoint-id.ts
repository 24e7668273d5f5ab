import { v7 as uuidV7 } from "uuid";

/** How many random bytes a UUIDv7 is made from. */
export const RANDOM_BYTES = 16;

/**
 * The id of a user's next endpoint: a UUIDv7 (RFC 9562) that sorts after `previous`, the user's latest id, even if
 * the clock stepped back or stood still since: then its time runs ahead of the clock by a millisecond an id.
 */
export function nextEndpointId(previous: string | undefined, now: number, random: Uint8Array): string {
  const msecs = previous === undefined ? now : Math.max(now, timeOf(previous) + 1);
  return uuidV7({ msecs, random });
}

/** When an endpoint was registered, in milliseconds since 1970: the first 48 bits of a UUIDv7. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
