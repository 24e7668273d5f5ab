import type { Feed, WaitingEvent } from "../../../model/events.ts";
import { EVENTS_KEPT_MS } from "../../../model/limits.ts";

/** Which of the first events are too old to be kept. With one of a batch that is under way all of it goes: it never changes. */
export function tooOld(first: readonly WaitingEvent[], { last }: Feed, now: number): readonly WaitingEvent[] {
  const isOld = ({ writtenAt }: WaitingEvent) => writtenAt <= now - EVENTS_KEPT_MS;
  const isBatchOld = first.some((event) => isOld(event) && event.seq <= last);
  const old = first.filter((event) => isOld(event) || (isBatchOld && event.seq <= last));
  // What stands for older ones goes with them, so that there is one for all.
  return old.length === 0 ? [] : first.filter((event) => event.dropped !== undefined || old.includes(event));
}

/**
 * What stands in the place of events that were dropped: one for each app instance, whose receiver must list anew. It counts those that
 * others stood for already.
 */
export function standIns(dropped: readonly WaitingEvent[], now: number): readonly WaitingEvent[] {
  return Array.from(Map.groupBy(dropped, ({ appInstanceArn }) => appInstanceArn).values(), (events) => {
    const last = events.at(-1) as WaitingEvent;
    const count = events.reduce((sum, event) => sum + (event.dropped?.count ?? 1), 0);
    const from = Math.min(...events.map(({ at, dropped }) => dropped?.from ?? at));
    const to = Math.max(...events.map(({ at }) => at));
    return {
      type: "events.dropped",
      seq: last.seq,
      writtenAt: now,
      appInstanceArn: last.appInstanceArn,
      subject: last.subject,
      at: to,
      data: { Count: count, From: new Date(from).toISOString(), To: new Date(to).toISOString() },
      dropped: { count, from },
    };
  });
}
