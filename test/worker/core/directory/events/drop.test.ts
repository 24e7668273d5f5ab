import { describe, expect, it } from "vitest";
import { eventId } from "../../../../../src/worker/core/directory/events/cloud-event.ts";
import { standIn, tooOld } from "../../../../../src/worker/core/directory/events/drop.ts";
import type { WaitingEvent } from "../../../../../src/worker/model/events.ts";
import { EVENTS_KEPT_MS } from "../../../../../src/worker/model/limits.ts";

const NOW = Date.UTC(2026, 10, 26);
const OLD = NOW - EVENTS_KEPT_MS;
const NOTHING_SENT = { last: 0, failures: 0, at: 0 };

function event(seq: number, more: Partial<WaitingEvent> = {}): WaitingEvent {
  const event = { type: "endpoint.registered", source: "a", subject: `e${seq}`, at: seq, data: {} } as const;
  return { ...event, seq, writtenAt: NOW, ...more };
}

describe("events that are too old", () => {
  const seqs = (first: WaitingEvent[], last = 0) => tooOld(first, { ...NOTHING_SENT, last }, NOW).map(({ seq }) => seq);

  it("are those of three days and no younger ones", () => {
    const first = [event(1, { writtenAt: OLD }), event(2, { writtenAt: OLD + 1 }), event(3)];
    expect(seqs(first)).toEqual([1]);
    expect(seqs([event(2), event(3)])).toEqual([]);
  });

  it("take the rest of the batch that is under way with them", () => {
    expect(seqs([event(1, { writtenAt: OLD }), event(2), event(3)], 2)).toEqual([1, 2]);
    // The last batch was delivered.
    expect(seqs([event(3), event(4, { writtenAt: OLD })], 2)).toEqual([4]);
  });

  it("take what stands for older ones with them, which alone is kept", () => {
    const dropped = { count: 7, from: 0 };
    const standIn = event(1, { type: "events.dropped", dropped });
    expect(seqs([standIn, event(2, { writtenAt: OLD }), event(3)])).toEqual([1, 2]);
    expect(seqs([standIn, event(3)])).toEqual([]);
  });
});

describe("what stands for events that were dropped", () => {
  it("is in the place of the last, and says how many and since when", () => {
    const stood = standIn([event(1), event(2, { source: "b" }), event(3)], NOW);
    expect(stood).toMatchObject({ seq: 3, writtenAt: NOW, source: "urn:rollcall:directory" });
    expect(stood.data).toEqual({ Count: 3, From: "1970-01-01T00:00:00.001Z", To: "1970-01-01T00:00:00.003Z" });
  });

  it("counts what others stood for, and has another id", () => {
    const first = standIn([event(1), event(2)], NOW);
    const second = standIn([first, event(3)], NOW + 1);
    expect(second.dropped).toEqual({ count: 3, from: 1 });
    expect(eventId(second)).not.toBe(eventId(first));
  });
});
