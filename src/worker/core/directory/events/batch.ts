import { createHash } from "node:crypto";
import type { Event } from "../../../model/events.ts";
import { EVENTS_BATCH_MAX_BYTES, EVENTS_PER_BATCH } from "../../../model/limits.ts";
import { cloudEvent, eventId } from "./cloud-event.ts";

/** What is sent at once. */
export interface Batch<Some extends Event = Event> {
  /** By which a receiver knows a batch that is repeated. */
  readonly id: string;
  readonly events: readonly Some[];
  /** application/cloudevents-batch+json */
  readonly body: string;
}

/** As many of the first events as one batch may have, which is one at the least. The same events are always the same batch. */
export function batchOf<Some extends Event>(waiting: Iterable<Some>): Batch<Some> {
  const events: Some[] = [];
  const bodies: string[] = [];
  // The bracket at the end; each event comes with a bracket or a comma before it.
  let bytes = 1;
  for (const event of waiting) {
    const body = cloudEvent(event);
    bytes += 1 + Buffer.byteLength(body);
    if (events.length > 0 && bytes > EVENTS_BATCH_MAX_BYTES) {
      break;
    }
    events.push(event);
    bodies.push(body);
    if (events.length === EVENTS_PER_BATCH) {
      break;
    }
  }
  return { id: batchId(events), events, body: `[${bodies.join(",")}]` };
}

function batchId(events: readonly Event[]): string {
  return createHash("sha256")
    .update(JSON.stringify(events.map(eventId)))
    .digest("base64url");
}
