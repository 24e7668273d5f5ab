import type { Row } from "../model/endpoint.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import type { Decision } from "./decision.ts";
import { purgeAtWith } from "./purge.ts";
import { tombstoneOf } from "./tombstone.ts";

type Request = RequestOf<"deregisterAppInstanceUserEndpoint">;
type Response = ResponseOf<"deregisterAppInstanceUserEndpoint">;

/**
 * Decides a deregistration, given all of the user's rows. The tombstone takes the place of the endpoint, so there is
 * always room for it. An id that is unknown or gone already succeeds too: a retry must.
 */
export function decideDeregister(rows: readonly Row[], { endpointId }: Request, now: number): Decision<Response> {
  const answer = { kind: "ok", response: {} } as const;
  const endpoint = rows.find((row) => row.endpointId === endpointId);
  if (endpoint?.state !== "live") {
    return { answer, ...(endpoint && { about: [endpoint] }) };
  }
  const tombstone = tombstoneOf(endpoint, now);
  return { answer, put: [tombstone], purgeAt: purgeAtWith([tombstone], rows, now) };
}
