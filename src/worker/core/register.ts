import type { Endpoint, Row } from "../model/endpoint.ts";
import type { UserFailure } from "../model/failure.ts";
import {
  DEREGISTRATIONS_FREE_MAX,
  REGISTRATIONS_AFTER_MAX,
  REGISTRATIONS_WINDOW_MS,
  ROWS_PER_USER_MAX,
} from "../model/limits.ts";
import type { RequestOf, ResponseOf, Success } from "../model/user-rpcs.ts";
import { confirm, deviceTokenAtOf, isStale, nextDeviceTokenAt } from "./confirm.ts";
import type { Decision } from "./decision.ts";
import { timeOf } from "./endpoint-id.ts";
import { allowMessagesOf, typeOf } from "./enums.ts";
import { fingerprint } from "./fingerprint.ts";
import { purgeAtWith } from "./purge.ts";
import { saidBy } from "./said-by.ts";
import { type Device, isSameDevice } from "./same-device.ts";
import { firstExpiry, isExpired, isLive, isTombstone, tombstoneOf } from "./tombstone.ts";

type Request = RequestOf<"registerAppInstanceUserEndpoint">;
type Response = ResponseOf<"registerAppInstanceUserEndpoint">;

/** What the rules of registration depend on, besides rows and request. */
export interface RegisterRules {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly endpointsMax: number;
  /** Whether a device that is registered and ACTIVE is registered again as the same endpoint; else that is a conflict. */
  readonly adopts: boolean;
  /** How long after its last confirmation an endpoint is stale; Infinity for never. */
  readonly staleAfterMs: number;
  /** An id after the one given; asked for only when an endpoint is to be made. */
  readonly newId: (after: string | undefined) => string;
}

/**
 * Decides a registration, given all of the user's rows in the order of their ids.
 *
 * The order of the rules is the order in which clients meet them: replay, the same device, limit.
 */
export function decideRegister(rows: readonly Row[], request: Request, rules: RegisterRules): Decision<Response> {
  const { now } = rules;
  const remembered = rows.filter((row) => !isExpired(row, now));
  const found = replay(rows, remembered, request, now) ?? again(rows, request, rules);
  if (found !== undefined) {
    return found;
  }
  const leaving = whoLeaves(rows.filter(isLive), rules);
  const refusal = leaving === undefined ? limitReached(rules) : memory(remembered, now);
  if (refusal !== undefined) {
    return { answer: refusal };
  }
  const endpoint = endpointFrom(request, rules.newId(rows.at(-1)?.endpointId), nextDeviceTokenAt(rows, now), now);
  const tombstones = (leaving ?? []).map((left) => tombstoneOf(left, now));
  return {
    answer: registered(request, endpoint),
    put: [...tombstones, endpoint],
    drop: makeWay(rows, request, now),
    purgeAt: purgeAtWith(tombstones, rows, now),
    presents: true,
  };
}

/**
 * The token of a request belongs to the endpoint that it made, and a day longer to what is left of that. An app may have one
 * token for as long as it is installed: then its launches are replays, and confirm the device token that they name.
 * But never does an old one come back by a replay, which may be late.
 */
function replay(
  rows: readonly Row[],
  remembered: readonly Row[],
  request: Request,
  now: number,
): Decision<Response> | undefined {
  const row = remembered.find((row) => row.clientRequestToken === request.clientRequestToken);
  if (row === undefined) {
    return undefined;
  }
  const { endpointId } = row;
  if (row.state === "deregistered") {
    return { answer: { kind: "conflict", reason: "ENDPOINT_DEREGISTERED", endpointId } };
  }
  if (row.fingerprint !== fingerprint(request)) {
    return { answer: { kind: "conflict", reason: "REQUEST_TOKEN_REUSED", endpointId } };
  }
  const answer = { ...registered(request, row), replayed: true };
  const presents = isSameDevice(row, deviceOf(request));
  return { answer, put: presents ? confirm(row, {}, now, () => rows) : [], about: [row], presents };
}

/**
 * The same device with another request token: what apps send that register at each launch. An endpoint that is INACTIVE or stale
 * is taken up again, for the device is there after all. Its id stays, and so does what the request leaves out: a launch must
 * not unmute. The request token that wrote last is the one that is remembered.
 */
function again(
  rows: readonly Row[],
  request: Request,
  { now, adopts, staleAfterMs }: RegisterRules,
): Decision<Response> | undefined {
  const device = deviceOf(request);
  const same = rows.filter(isLive).find((endpoint) => isSameDevice(endpoint, device));
  if (same === undefined) {
    return undefined;
  }
  if (!adopts && same.inactiveSince === undefined && !isStale(same, staleAfterMs, now)) {
    return { answer: { kind: "conflict", reason: "DEVICE_ALREADY_REGISTERED", endpointId: same.endpointId } };
  }
  const { clientRequestToken } = request;
  const confirmed = confirm(same, saidBy(request), now, () => rows);
  return {
    answer: { ...registered(request, same), adopted: true },
    put: confirmed.map((endpoint) => ({ ...endpoint, clientRequestToken, fingerprint: fingerprint(request) })),
    drop: confirmed.length > 0 ? expiredWith(rows, request, now) : [],
    about: [same],
    presents: true,
  };
}

function deviceOf(request: Request): Device {
  const { resourceArn, endpointAttributes } = request;
  return { type: typeOf(request), resourceArn, deviceToken: endpointAttributes.deviceToken };
}

/**
 * The endpoints that make way for a new one where there is no room for it: those that have been INACTIVE for longest, and then the
 * stalest. Undefined where there are too few. There may be more endpoints than are allowed: the limit may have been lowered.
 */
function whoLeaves(
  live: readonly Endpoint[],
  { now, endpointsMax, staleAfterMs }: RegisterRules,
): Endpoint[] | undefined {
  const count = Math.max(0, live.length + 1 - endpointsMax);
  const inactive = live.filter(({ inactiveSince }) => inactiveSince !== undefined);
  const stale = live.filter((endpoint) => !inactive.includes(endpoint) && isStale(endpoint, staleAfterMs, now));
  const leaving = [
    ...inactive.sort((a, b) => (a.inactiveSince ?? now) - (b.inactiveSince ?? now)),
    ...stale.sort((a, b) => deviceTokenAtOf(a) - deviceTokenAtOf(b)),
  ].slice(0, count);
  return leaving.length < count ? undefined : leaving;
}

function limitReached({ endpointsMax }: RegisterRules): UserFailure {
  return { kind: "limit_exceeded", reason: "ENDPOINT_LIMIT_EXCEEDED", limit: endpointsMax };
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
function makeWay(rows: readonly Row[], request: Request, now: number): string[] {
  const same = expiredWith(rows, request, now);
  const any = rows.length < ROWS_PER_USER_MAX ? [] : rows.filter((row) => isExpired(row, now)).slice(0, 1);
  return same.length > 0 ? same : any.map(({ endpointId }) => endpointId);
}

/** The expired tombstone, if any, that has the request's token. */
function expiredWith(rows: readonly Row[], { clientRequestToken }: Request, now: number): string[] {
  return rows
    .filter((row) => isExpired(row, now) && row.clientRequestToken === clientRequestToken)
    .map(({ endpointId }) => endpointId);
}

function endpointFrom(request: Request, endpointId: string, deviceTokenAt: number, now: number): Endpoint {
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
    ...(deviceTokenAt !== now && { deviceTokenAt }),
  };
}

function registered({ appInstanceUserArn }: Request, { endpointId }: Endpoint): Success<Response> {
  return { kind: "ok", response: { appInstanceUserArn, endpointId } };
}
