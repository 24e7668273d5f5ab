import type { Endpoint, Row } from "../model/endpoint.ts";
import type { UserFailure } from "../model/failure.ts";
import {
  DEREGISTRATIONS_FREE_MAX,
  REGISTRATIONS_AFTER_MAX,
  REGISTRATIONS_WINDOW_MS,
  ROWS_PER_USER_MAX,
} from "../model/limits.ts";
import type { Answer, RequestOf, ResponseOf } from "../model/user-rpcs.ts";
import type { Decision } from "./decision.ts";
import { timeOf } from "./endpoint-id.ts";
import { allowMessagesOf, typeOf } from "./enums.ts";
import { fingerprint } from "./fingerprint.ts";
import { isSameDevice } from "./same-device.ts";
import { firstExpiry, isExpired, isTombstone } from "./tombstone.ts";

type Request = RequestOf<"registerAppInstanceUserEndpoint">;
type Response = ResponseOf<"registerAppInstanceUserEndpoint">;

/**
 * Decides a registration, given all of the user's rows in the order of their ids.
 *
 * The order of the rules is the order in which clients meet them: replay, conflict, limit. `newId` is asked for an
 * id after the one given, and only when an endpoint is to be made.
 */
export function decideRegister(
  rows: readonly Row[],
  request: Request,
  { now, endpointsMax, newId }: { now: number; endpointsMax: number; newId: (after: string | undefined) => string },
): Decision<Response> {
  const remembered = rows.filter((row) => !isExpired(row, now));
  const live = remembered.filter((row) => row.state === "live");
  const answer =
    replay(remembered, request) ?? conflict(live, request) ?? limit(live, endpointsMax) ?? memory(remembered, now);
  if (answer !== undefined) {
    return { answer };
  }
  const endpoint = endpointFrom(request, newId(rows.at(-1)?.endpointId), now);
  return { answer: registered(request, endpoint), put: endpoint, drop: makeWay(rows, request, now) };
}

/** The token of a request belongs to the endpoint that it made, and a day longer to what is left of that. */
function replay(remembered: readonly Row[], request: Request): Answer<Response> | undefined {
  const row = remembered.find((row) => row.clientRequestToken === request.clientRequestToken);
  if (row === undefined) {
    return undefined;
  }
  const { endpointId } = row;
  if (row.state === "deregistered") {
    return { kind: "conflict", reason: "ENDPOINT_DEREGISTERED", endpointId };
  }
  if (row.fingerprint !== fingerprint(request)) {
    return { kind: "conflict", reason: "REQUEST_TOKEN_REUSED", endpointId };
  }
  return { ...registered(request, row), replayed: true };
}

function conflict(live: readonly Endpoint[], request: Request): UserFailure | undefined {
  const { resourceArn, endpointAttributes } = request;
  const device = { type: typeOf(request), resourceArn, deviceToken: endpointAttributes.deviceToken };
  const same = live.find((endpoint) => isSameDevice(endpoint, device));
  return same && { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: same.endpointId };
}

/** At or above the limit: it may have been lowered below what is there. */
function limit(live: readonly Endpoint[], endpointsMax: number): UserFailure | undefined {
  return live.length < endpointsMax
    ? undefined
    : { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: endpointsMax };
}

/**
 * Tombstones are kept for a promise, so it is new registrations that wait: a little while there are many, and for the
 * oldest to expire when there is no room for more, to which only a lowered bound or a clock that steps back can lead.
 */
function memory(remembered: readonly Row[], now: number): UserFailure | undefined {
  const tombstones = remembered.filter(isTombstone);
  const isFull = remembered.length >= ROWS_PER_USER_MAX;
  const freeAt = isFull ? firstExpiry(tombstones) : slowedUntil(remembered, tombstones, now);
  return freeAt === undefined
    ? undefined
    : { kind: "throttled", reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: freeAt - now };
}

/** When the next registration may come, if many endpoints were deregistered and too many registered of late. */
function slowedUntil(remembered: readonly Row[], tombstones: readonly Row[], now: number): number | undefined {
  if (tombstones.length < DEREGISTRATIONS_FREE_MAX) {
    return undefined;
  }
  const times = remembered.map(({ endpointId }) => timeOf(endpointId));
  const first = times
    .filter((time) => now - REGISTRATIONS_WINDOW_MS < time && time <= now)
    .at(-REGISTRATIONS_AFTER_MAX);
  return first && first + REGISTRATIONS_WINDOW_MS;
}

/**
 * The expired tombstone, if any, that makes way for a new endpoint: the one with the same request token, so that no two
 * rows ever have the same, even if the clock steps back behind its expiry; or else any one, where there is no room.
 */
function makeWay(rows: readonly Row[], { clientRequestToken }: Request, now: number): string[] {
  const expired = rows.filter((row) => isExpired(row, now));
  const same = expired.filter((tombstone) => tombstone.clientRequestToken === clientRequestToken);
  const any = rows.length < ROWS_PER_USER_MAX ? [] : expired.slice(0, 1);
  return (same.length > 0 ? same : any).map(({ endpointId }) => endpointId);
}

function endpointFrom(request: Request, endpointId: string, now: number): Endpoint {
  const { resourceArn, endpointAttributes, name, clientRequestToken } = request;
  const { deviceToken, voipDeviceToken } = endpointAttributes;
  return {
    state: "live",
    endpointId,
    type: typeOf(request),
    resourceArn,
    deviceToken,
    ...(voipDeviceToken !== undefined && { voipDeviceToken }),
    ...(name !== undefined && { name }),
    allowMessages: allowMessagesOf(request) ?? "ALL",
    clientRequestToken,
    fingerprint: fingerprint(request),
    createdAt: now,
    lastUpdatedAt: now,
  };
}

function registered({ appInstanceUserArn }: Request, { endpointId }: Endpoint): Answer<Response> & { kind: "ok" } {
  return { kind: "ok", response: { appInstanceUserArn, endpointId } };
}
