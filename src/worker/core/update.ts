import type { Row } from "../model/endpoint.ts";
import type { RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import { changes, confirm, laterUpdate } from "./confirm.ts";
import type { Decision } from "./decision.ts";
import { purgeAtWith } from "./purge.ts";
import { saidBy } from "./said-by.ts";
import { isSameDevice } from "./same-device.ts";
import { isLive, tombstoneOf } from "./tombstone.ts";

type Request = RequestOf<"updateAppInstanceUserEndpoint">;
type Response = ResponseOf<"updateAppInstanceUserEndpoint">;

/**
 * Decides an update, given the row that has the endpoint's id. What the request leaves out stays as it is. `loadAll` gives all of
 * the user's rows, and is called only where a token is to be written.
 *
 * LastUpdatedTimestamp is when the endpoint was last changed: an update that changes nothing leaves it, and writes
 * nothing. So a retry whose first answer was lost finds what the first one left, and an app that repeats its settings at
 * every launch costs no write.
 */
export function decideUpdate(
  row: Row | undefined,
  request: Request,
  now: number,
  loadAll: () => readonly Row[],
): Decision<Response> {
  if (row?.state !== "live") {
    return { answer: { kind: "not_found", reason: "ENDPOINT_NOT_FOUND" } };
  }
  const { appInstanceUserArn, endpointId, endpointAttributes } = request;
  const answer = { kind: "ok", response: { appInstanceUserArn, endpointId } } as const;
  const said = saidBy(request);
  if (endpointAttributes === undefined) {
    const updated = { ...row, ...said, lastUpdatedAt: laterUpdate(row, now) };
    return { answer, put: changes(row, said) ? [updated] : [] };
  }
  const { deviceToken } = endpointAttributes;
  if (isSameDevice(row, { ...row, deviceToken })) {
    return { answer, put: confirm(row, said, now, loadAll), about: [row], presents: true };
  }
  const rows = loadAll();
  const inTheWay = rows.filter(isLive).find((other) => isSameDevice(other, { ...row, deviceToken }));
  const put = confirm(row, said, now, () => rows);
  if (inTheWay === undefined) {
    return { answer, put, presents: true };
  }
  if (inTheWay.inactiveSince === undefined) {
    const { endpointId } = inTheWay;
    return { answer: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId } };
  }
  const tombstone = tombstoneOf(inTheWay, now);
  return { answer, put: [...put, tombstone], purgeAt: purgeAtWith([tombstone], rows, now), presents: true };
}
