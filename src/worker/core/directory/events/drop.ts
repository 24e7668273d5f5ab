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

/** What stands in the place of events that were dropped, and counts those that others stood for already. */
export function standIn(dropped: readonly WaitingEvent[], now: number): WaitingEvent {
  const { seq, subject } = dropped.at(-1) as WaitingEvent;
  const count = dropped.reduce((sum, event) => sum + (event.dropped?.count ?? 1), 0);
  const from = Math.min(...dropped.map(({ at, dropped }) => dropped?.from ?? at));
  const to = Math.max(...dropped.map(({ at }) => at));
  return {
    type: "events.dropped",
    source: DIRECTORY,
    // No two shards have dropped the same one last.
    subject,
    at: to,
    seq,
    writtenAt: now,
    data: { Count: count, From: new Date(from).toISOString(), To: new Date(to).toISOString() },
    dropped: { count, from },
  };
}

/** They may have been of more app instances than can be told. */
const DIRECTORY = "urn:rollcall:directory";
