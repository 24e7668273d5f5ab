import { retryAt } from "../../core/directory/backoff.ts";
import { type Batch, batchOf } from "../../core/directory/events/batch.ts";
import { eventId } from "../../core/directory/events/cloud-event.ts";
import { standIn, tooOld } from "../../core/directory/events/drop.ts";
import type { Happened } from "../../core/directory/events/happened.ts";
import type { EventsTarget, WaitingEvent } from "../../model/events.ts";
import {
  EVENTS_ANSWER_MAX_MS,
  EVENTS_DROPPED_AT_ONCE,
  EVENTS_FIRST_RETRY_MS,
  EVENTS_PER_BATCH,
  EVENTS_PER_SHARD_MAX,
} from "../../model/limits.ts";
import { dropEvent, eventAt, firstEvents, lastSeq, loadFeed, putEvent, putFeed } from "../../storage/events.ts";
import { post } from "./post.ts";

/** How much waits to be delivered. */
export interface Backlog {
  readonly events: number;
  /** When the oldest was written, in milliseconds since 1970. */
  readonly since: number;
}

/**
 * Delivers the events of one shard: in their order, in batches, one at a time. A batch is what it is until it has been taken or dropped, and
 * which it is, and when it is to be tried again, is written before it is sent: so it survives a stop at any moment.
 */
export class Delivery {
  readonly #storage: DurableObjectStorage;
  readonly #target: EventsTarget | undefined;
  #isSending = false;

  constructor(storage: DurableObjectStorage, target: EventsTarget | undefined) {
    this.#storage = storage;
    this.#target = target;
  }

  /** Whether events go anywhere. */
  get isOn(): boolean {
    return this.#target !== undefined;
  }

  /** Writes events of an app instance, their source, in the step that is under way, and answers whether an alarm is to send them at once. */
  write(source: string, events: readonly Happened[], now: number): boolean {
    const { kv } = this.#storage;
    if (this.#target === undefined || events.length === 0) {
      return false;
    }
    const isDue = (this.nextAt(now) ?? now) <= now;
    let seq = lastSeq(kv);
    for (const event of events) {
      putEvent(kv, { ...event, source, seq: ++seq, writtenAt: now });
    }
    if (seq - (firstEvents(kv, 1)[0]?.seq ?? seq) >= EVENTS_PER_SHARD_MAX) {
      this.#drop(firstEvents(kv, EVENTS_DROPPED_AT_ONCE), now);
    }
    return isDue;
  }

  /** When there is something to do; undefined: nothing waits. While a batch is under way, when it will have ended. */
  nextAt(now: number): number | undefined {
    const { kv } = this.#storage;
    if (this.#isSending) {
      return now + EVENTS_ANSWER_MAX_MS;
    }
    const [first] = firstEvents(kv, 1);
    const { last, at } = loadFeed(kv);
    return first && (first.seq <= last ? at : now);
  }

  /** Sends what waits, if that is due, and answers when it has ended. */
  deliver(now: number): Promise<void> | undefined {
    if (this.#target === undefined) {
      this.#dropSome();
      return undefined;
    }
    this.#dropOld(now);
    const isDue = (this.nextAt(now) ?? Number.POSITIVE_INFINITY) <= now;
    return isDue ? this.#send(this.#target) : undefined;
  }

  async #send(target: EventsTarget): Promise<void> {
    this.#isSending = true;
    try {
      while (await this.#sendOne(target));
    } finally {
      this.#isSending = false;
    }
  }

  backlog(): Backlog | undefined {
    const { kv } = this.#storage;
    const [first] = firstEvents(kv, 1);
    return first && { events: lastSeq(kv) - first.seq + 1, since: first.writtenAt };
  }

  /** Answers whether a batch was taken, so that the next one may go. */
  async #sendOne(target: EventsTarget): Promise<boolean> {
    const batch = this.#nextBatch();
    if (batch === undefined) {
      return false;
    }
    const failed = await post(target, batch);
    if (failed === undefined) {
      this.#storage.transactionSync(() => this.#forget(batch));
      return true;
    }
    const { kv } = this.#storage;
    const { last, failures } = loadFeed(kv);
    putFeed(kv, { last, failures: failures + 1, at: retryAt(failures, Date.now(), EVENTS_FIRST_RETRY_MS) });
    const told = { events: batch.events.length, failures: failures + 1, error: failed };
    console.error(JSON.stringify({ event: "events_not_delivered", ...told }));
    return false;
  }

  /** The batch that is under way, or else a new one. */
  #nextBatch(): Batch<WaitingEvent> | undefined {
    const { kv } = this.#storage;
    const waiting = firstEvents(kv, EVENTS_PER_BATCH);
    if (waiting[0] === undefined) {
      return undefined;
    }
    const { last, failures } = loadFeed(kv);
    const isUnderWay = waiting[0].seq <= last;
    const batch = batchOf(isUnderWay ? waiting.filter(({ seq }) => seq <= last) : waiting);
    putFeed(kv, {
      last: isUnderWay ? last : (batch.events.at(-1)?.seq ?? last),
      failures: isUnderWay ? failures : 0,
      at: Date.now() + EVENTS_ANSWER_MAX_MS,
    });
    return batch;
  }

  /** What was dropped while it was under way may have something else in its place. */
  #forget({ events }: Batch<WaitingEvent>): void {
    const { kv } = this.#storage;
    for (const event of events) {
      const waiting = eventAt(kv, event.seq);
      if (waiting !== undefined && eventId(waiting) === eventId(event)) {
        dropEvent(kv, event.seq);
      }
    }
  }

  #dropOld(now: number): void {
    const { kv } = this.#storage;
    for (;;) {
      const old = tooOld(firstEvents(kv, EVENTS_DROPPED_AT_ONCE), loadFeed(kv), now);
      if (old.length === 0) {
        return;
      }
      this.#storage.transactionSync(() => this.#drop(old, now));
    }
  }

  /** Drops events that can't be kept, and leaves word of it. */
  #drop(events: readonly WaitingEvent[], now: number): void {
    const { kv } = this.#storage;
    for (const { seq } of events) {
      dropEvent(kv, seq);
    }
    putEvent(kv, standIn(events, now));
    console.error(JSON.stringify({ event: "events_dropped", events: events.length }));
  }

  /** Where events go nowhere any more. */
  #dropSome(): void {
    const { kv } = this.#storage;
    const some = firstEvents(kv, EVENTS_DROPPED_AT_ONCE);
    if (some.length > 0) {
      this.#storage.transactionSync(() => {
        for (const { seq } of some) {
          dropEvent(kv, seq);
        }
      });
    }
  }
}
