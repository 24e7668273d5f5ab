import type { Endpoint, Row } from "../model/endpoint.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import type { Decision } from "./decision.ts";
import { allowMessagesOf } from "./enums.ts";

type Request = RequestOf<"updateAppInstanceUserEndpoint">;
type Response = ResponseOf<"updateAppInstanceUserEndpoint">;

/**
 * Decides an update, given the row that has the endpoint's id. What the request leaves out stays as it is.
 *
 * LastUpdatedTimestamp is when the endpoint was last changed: an update that changes nothing leaves it, and writes
 * nothing. So a retry whose first answer was lost finds what the first one left, and an app that repeats its settings at
 * every launch costs no write.
 */
export function decideUpdate(row: Row | undefined, request: Request, now: number): Decision<Response> {
  if (row?.state !== "live") {
    return { answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" } };
  }
  const { appInstanceUserArn, endpointId, name = row.name } = request;
  const allowMessages = allowMessagesOf(request) ?? row.allowMessages;
  const answer = { kind: "ok", response: { appInstanceUserArn, endpointId } } as const;
  if (name === row.name && allowMessages === row.allowMessages) {
    return { answer };
  }
  // A clock that stepped back does not take the timestamp with it.
  const lastUpdatedAt = Math.max(now, row.lastUpdatedAt);
  const updated: Endpoint = { ...row, ...(name !== undefined && { name }), allowMessages, lastUpdatedAt };
  return { answer, put: updated };
}
