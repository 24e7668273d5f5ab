/**
 * The events of one shard of the Directory that have yet to be delivered, and how far that has come: the only code that knows their keys
 * and records. They are delivered in the order in which they were written.
 */
import type { Feed, WaitingEvent } from "../model/events.ts";
import { attempt, checkVersion } from "./access.ts";

const EVENTS = "event/";
const FEED = "feed";

/** The version of the stored layout: see storage/rows. */
const VERSION = 1;

type Stored = Omit<WaitingEvent, "seq"> & { readonly version: typeof VERSION };

/** As long as the largest safe integer, so that keys sort as numbers do. */
const SEQ_DIGITS = 16;

const NOTHING_SENT: Feed = { last: 0, failures: 0, at: 0 };

export function loadFeed(kv: SyncKvStorage): Feed {
  return attempt(() => kv.get<Feed>(FEED)) ?? NOTHING_SENT;
}

/** It stays when all is delivered: no event ever gets the number of an earlier one. */
export function putFeed(kv: SyncKvStorage, feed: Feed): void {
  attempt(() => kv.put<Feed>(FEED, feed));
}

/** The first events. */
export function firstEvents(kv: SyncKvStorage, limit: number): WaitingEvent[] {
  return listed(kv, { limit }).map(([key, stored]) => eventFrom(key, stored));
}

/** The number of the last event that was written, whether or not it is still there. */
export function lastSeq(kv: SyncKvStorage): number {
  const [last] = listed(kv, { reverse: true, limit: 1 });
  return Math.max(loadFeed(kv).last, last === undefined ? 0 : seqIn(last[0]));
}

export function eventAt(kv: SyncKvStorage, seq: number): WaitingEvent | undefined {
  const stored = attempt(() => kv.get<Stored>(keyOf(seq)));
  return stored && eventFrom(keyOf(seq), stored);
}

export function putEvent(kv: SyncKvStorage, { seq, ...event }: WaitingEvent): void {
  attempt(() => kv.put<Stored>(keyOf(seq), { version: VERSION, ...event }));
}

export function dropEvent(kv: SyncKvStorage, seq: number): void {
  attempt(() => kv.delete(keyOf(seq)));
}

function keyOf(seq: number): string {
  return EVENTS + String(seq).padStart(SEQ_DIGITS, "0");
}

function seqIn(key: string): number {
  return Number(key.slice(EVENTS.length));
}

function eventFrom(key: string, { version, ...event }: Stored): WaitingEvent {
  checkVersion(version, VERSION);
  return { seq: seqIn(key), ...event };
}

function listed(kv: SyncKvStorage, options: Omit<SyncKvListOptions, "prefix">): [string, Stored][] {
  return attempt(() => Array.from(kv.list<Stored>({ prefix: EVENTS, ...options })));
}
