import type { Row } from "../model/endpoint.ts";
import type { ResponseOf } from "../model/user-rpcs.ts";
import type { Decision } from "./decision.ts";
import { purgeAtWith } from "./purge.ts";
import { isLive, tombstoneOf } from "./tombstone.ts";

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
  };
}
