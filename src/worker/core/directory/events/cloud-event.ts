/** Events as CloudEvents 1.0 has them in JSON. Source: github.com/cloudevents/spec, v1.0.2, formats/json-format.md. */
import type { Event } from "../../../model/events.ts";

/** The body of one event. */
export function cloudEvent(event: Event): string {
  const { type, source, subject, at, data, dropped } = event;
  return JSON.stringify({
    specversion: "1.0",
    id: eventId(event),
    source: encodeURI(source),
    type: `rollcall.${type}`,
    // Of events that were dropped it is only part of the id.
    ...(dropped === undefined && { subject }),
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    data,
  });
}

/** What a receiver knows repeats by. */
export function eventId({ type, subject, at }: Event): string {
  return [subject, type.slice(type.indexOf(".") + 1), at].join("/");
}
