import type { Row, Tombstone } from "../model/endpoint.ts";
import { TOMBSTONE_LIFETIME_MS } from "../model/limits.ts";
import type { ResponseOf } from "../model/user-rpcs.ts";
import type { Decision } from "./decision.ts";
import { purgeAtWith } from "./purge.ts";
import { isExpired, isLive, isTombstone, tombstoneOf } from "./tombstone.ts";

type Response = ResponseOf<"deleteAppInstanceUser">;

/**
 * Decides to erase a user, given all of the user's rows: each endpoint becomes a tombstone, for a late retry of a registration must
 * not bring it back. The purge takes those a day later, and leaves nothing.
 */
export function decideDelete(rows: readonly Row[], now: number): Decision<Response> {
  const tombstones = rows.filter(isLive).map((endpoint) => tombstoneOf(endpoint, now));
  return {
    answer: { kind: "ok", response: {} },
    put: tombstones,
    purgeAt: purgeAtWith(tombstones, rows, now),
    about: rows,
    ...receipt([...rows.filter((row) => isTombstone(row) && !isExpired(row, now)), ...tombstones] as Tombstone[]),
  };
}

/** By what is left, so that an erasure that is repeated comes to the same; nothing for a user who had nothing. */
function receipt(tombstones: readonly Tombstone[]): Pick<Decision<Response>, "erased"> {
  const at = Math.max(...tombstones.map(({ expiresAt }) => expiresAt)) - TOMBSTONE_LIFETIME_MS;
  return tombstones.length === 0 ? {} : { erased: { at, endpoints: tombstones.length } };
}
