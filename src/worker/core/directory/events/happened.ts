/** What the changes of a shard mean to whoever is told of them. What is told again means the same events, with the same ids. */
import type { Event } from "../../../model/events.ts";
import type { Holding } from "../../../model/holding.ts";
import { EVENTS_KEPT_MS, RECOVERY_COPIES_KEPT_MS } from "../../../model/limits.ts";
import type { Tell } from "../../../model/tells.ts";
import type { Held } from "../hold.ts";
import { claimedAtOf } from "../order.ts";

/** An event, within the app instance of its user. */
export type Happened = Omit<Event, "source">;

type Who = Pick<Holding, "user" | "userArn">;

/** What a hold came to: `own` is what the user had before, or had lost. */
export function eventsOfHold(
  own: Holding | undefined,
  { user, userArn }: Who,
  tell: Tell,
  { put, holder }: Held,
): readonly Happened[] {
  const told = put.find((holding) => holding.user === user);
  const lost = put.filter((holding) => holding.isLost && !(holding.user === user && own?.isLost));
  return [
    ...(told ? eventsOfWritten(told, own, tell) : []),
    ...eventsOfNote({ userArn }, tell),
    ...(holder ? lost.map((holding) => movedTo(holder, holding)) : []),
  ];
}

/** What it means that a user's holding was written in place of an earlier one. */
function eventsOfWritten(
  { userArn, isLost }: Holding,
  own: Holding | undefined,
  { endpointId, change = "registered", note, at }: Tell,
): readonly Happened[] {
  if (own?.endpointId === endpointId) {
    const isBack = own.isLost && !isLost && note !== "reactivated";
    return isBack ? [eventOf(userArn, endpointId, "reactivated", at)] : [];
  }
  // A user's device has another endpoint only once the earlier one is no more, which may be heard of later, or never.
  const replaced = own ? [eventOf(userArn, own.endpointId, "deregistered", at)] : [];
  return [...replaced, eventOf(userArn, endpointId, change, at)];
}

/** What a release came to, of a holding that is no more. */
export function eventsOfRelease(
  { endpointId, userArn }: Pick<Holding, "endpointId" | "userArn">,
  { change, at, happenedAt = at }: Tell,
): readonly Happened[] {
  return change === undefined ? [] : [eventOf(userArn, endpointId, change, happenedAt)];
}

/** What has happened without a change of who has the device. */
export function eventsOfNote(
  { userArn }: Pick<Who, "userArn">,
  { endpointId, note, at, happenedAt = at }: Tell,
): readonly Happened[] {
  return note === undefined ? [] : [eventOf(userArn, endpointId, note, happenedAt)];
}

/** The receipt. */
export function eventOfErasure({ user, userArn }: Who, { at, endpoints = 0 }: Tell): Happened {
  return {
    type: "user.erased",
    subject: user,
    at,
    data: {
      AppInstanceUserArn: userArn,
      Endpoints: endpoints,
      ErasedTimestamp: new Date(at).toISOString(),
      UndeliveredEventsKeptDays: EVENTS_KEPT_MS / DAY_MS,
      RecoveryCopiesKeptDays: RECOVERY_COPIES_KEPT_MS / DAY_MS,
    },
  };
}

const DAY_MS = 24 * 60 * 60 * 1_000;

type Change = NonNullable<Tell["change"] | Tell["note"]>;

function eventOf(userArn: string, endpointId: string, change: Change, at: number): Happened {
  return { type: `endpoint.${change}`, subject: endpointId, at, data: named(userArn, endpointId) };
}

/** It is of the endpoint that has lost the device, and not older than what was told of that before. */
function movedTo(holder: Holding, lost: Holding): Happened {
  return {
    type: "endpoint.moved",
    subject: lost.endpointId,
    at: Math.max(holder.at, claimedAtOf(lost)),
    data: { ...named(lost.userArn, lost.endpointId), MovedTo: named(holder.userArn, holder.endpointId) },
  };
}

function named(userArn: string, endpointId: string) {
  return { AppInstanceUserArn: userArn, EndpointId: endpointId };
}
