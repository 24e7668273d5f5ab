import { describe, expect, it } from "vitest";
import { batchOf } from "../../../../../src/worker/core/directory/events/batch.ts";
import { cloudEvent } from "../../../../../src/worker/core/directory/events/cloud-event.ts";
import type { Event } from "../../../../../src/worker/model/events.ts";

const INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/demo";

function event(n: number, more: Partial<Event> = {}): Event {
  return { type: "endpoint.registered", source: INSTANCE, subject: `e${n}`, at: n, data: {}, ...more };
}

const many = (count: number, data: object = {}) =>
  Array.from({ length: count }, (_, n) => event(n, { data: { ...data } }));

describe("a batch of events", () => {
  it("has a hundred at the most, the first ones in their order", () => {
    const { events, body } = batchOf(many(250));
    expect(events).toEqual(many(100));
    expect(JSON.parse(body)).toEqual(events.map((one) => JSON.parse(cloudEvent(one))));
  });

  it.each([
    ["what ASCII takes", "x"],
    ["what other letters take", "ü"],
  ])("is 256 KiB long at the most, by %s", (_, letter) => {
    const waiting = many(100, { text: letter.repeat(10_000) });
    const { events, body } = batchOf(waiting);
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    expect(bytes(body)).toBeLessThanOrEqual(262_144);
    const next = waiting[events.length] as Event;
    expect(bytes(body) + 1 + bytes(cloudEvent(next))).toBeGreaterThan(262_144);
  });

  it("has one at the least, however long it is", () => {
    const { events } = batchOf(many(2, { text: "x".repeat(300_000) }));
    expect(events).toHaveLength(1);
  });

  it("goes by the same name when it has the same events, and by another else", () => {
    const ids = [many(3), many(3), many(4), [event(0), event(1, { type: "endpoint.updated" }), event(2)]].map(
      (events) => batchOf(events).id,
    );
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
    // Signatures separate it by dots.
    expect(ids.filter((id) => !/^[\w-]+$/.test(id))).toEqual([]);
  });
});

describe("an event", () => {
  it("is a CloudEvent with the app instance as its source, spelled as a URI", () => {
    const named = event(5, { source: `${INSTANCE} zwölf%`, data: { EndpointId: "e5" } });
    expect(JSON.parse(cloudEvent(named))).toEqual({
      specversion: "1.0",
      id: "e5/registered/5",
      source: `${INSTANCE}%20zw%C3%B6lf%25`,
      type: "rollcall.endpoint.registered",
      subject: "e5",
      time: "1970-01-01T00:00:00.005Z",
      datacontenttype: "application/json",
      data: { EndpointId: "e5" },
    });
  });
});
