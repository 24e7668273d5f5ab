import { DurableObject } from "cloudflare:workers";
import { type Env, readConfig } from "../config.ts";
import {
  eventOfErasure,
  eventsOfHold,
  eventsOfNote,
  eventsOfRelease,
  type Happened,
} from "../core/directory/events/happened.ts";
import { decideHold, isReleased } from "../core/directory/hold.ts";
import type { DirectoryCalls, Heard, Released, ShardState } from "../model/directory-calls.ts";
import type { Unavailable } from "../model/failure.ts";
import type { DevicesMode, Holding } from "../model/holding.ts";
import {
  ALARM_PAUSE_MS,
  DEVICES_COUNTED_MAX,
  EVENTS_ANSWER_MAX_MS,
  LOSERS_COUNTED_MAX,
  PAGE_HOLDINGS_MAX,
} from "../model/limits.ts";
import type { Tell } from "../model/tells.ts";
import { roomFor } from "../objects/awake-users.ts";
import { appInstanceOf, sha256 } from "../objects/device-key.ts";
import { noteWaiting } from "../objects/waiting.ts";
import { inOneStep, NewerRowError, StorageError } from "../storage/access.ts";
import {
  type Before,
  countHoldings,
  dropHolding,
  holdersOf,
  holdingOf,
  listHoldings,
  putHolding,
  waitingLosers,
} from "../storage/holdings.ts";
import { secretOf } from "../storage/secret.ts";
import { Delivery } from "./events/delivery.ts";
import { Losers } from "./losers.ts";

/**
 * One shard of the Directory, which knows who has which device: 1 of 64, by a device's hash. It never sees a token.
 *
 * Users' objects are the truth, and commit before the shard hears of it; what it hears may be late, repeated or out of order. So each
 * word says when the device's token was named, and the newest counts. A user who loses a device is told by the shard's
 * alarm, again and again until that user's object has answered. Where EVENTS_URL says so, each change is written as an event in the same
 * step, and sent by the alarm too.
 */
export class Directory extends DurableObject<Env> implements DirectoryCalls {
  readonly #mode: DevicesMode;
  readonly #losers: Losers;
  readonly #delivery: Delivery;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { devices = "move", events, usersAtOnce, placement } = readConfig(env);
    this.#mode = devices;
    this.#delivery = new Delivery(ctx.storage, events);
    this.#losers = new Losers(ctx.storage, {
      users: env.APP_INSTANCE_USER,
      placement,
      room: roomFor(usersAtOnce),
      hear: (who, tell) => this.#hear(who, tell, Date.now()),
    });
  }

  tell(userArn: string, tells: readonly Tell[]) {
    const who = { user: sha256(userArn), userArn };
    const now = Date.now();
    const hear = () => tells.map((tell) => this.#hear(who, tell, now));
    // What is heard alone is one step by itself.
    return attempt("tell", () => (tells.length === 1 ? hear() : inOneStep(this.ctx.storage, hear)));
  }

  forget(released: readonly Released[]) {
    const now = Date.now();
    return attempt("forget", () =>
      inOneStep(this.ctx.storage, () => {
        for (const tell of released) {
          this.#release(tell, tell, now);
        }
        return undefined;
      }),
    );
  }

  lookUp(device: string) {
    return attempt("lookUp", () => holdersOf(this.ctx.storage.kv, device, PAGE_HOLDINGS_MAX));
  }

  list(instance: string, after: string, count: number) {
    return attempt("list", () => listHoldings(this.ctx.storage.kv, instance, after, count));
  }

  secret() {
    const random = () => crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64();
    return attempt("secret", () => secretOf(this.ctx.storage.kv, random));
  }

  state() {
    return attempt("state", () => {
      const devices = countHoldings(this.ctx.storage.kv, DEVICES_COUNTED_MAX);
      return { devices, ...this.#waiting(Date.now()) };
    });
  }

  /**
   * Tells those who have lost a device, and has events delivered. The runtime gives an alarm up after six tries, so it must not see a
   * failure; and it begins none before the last has ended, so that does not wait for the receiver of events.
   */
  override async alarm(): Promise<void> {
    const now = Date.now();
    try {
      const telling = this.#losers.tellDue(now);
      // It is awaited below, unless something else fails before.
      telling.catch(() => undefined);
      const sending = this.#delivery.deliver(now);
      if (sending !== undefined) {
        // Not before the losers are told: those who are being told would seem to be due.
        this.ctx.waitUntil(this.#setAlarmAfter(Promise.all([sending, telling])));
      }
      const untold = await telling;
      await this.#setAlarm();
      this.#reportWaiting(untold, now);
    } catch (error) {
      await this.#alarmFailed(error);
    }
  }

  async #setAlarmAfter(done: Promise<unknown>): Promise<void> {
    try {
      await done;
      await this.#setAlarm();
    } catch (error) {
      await this.#alarmFailed(error);
    }
  }

  async #alarmFailed(error: unknown): Promise<void> {
    console.error(JSON.stringify({ event: "directory_alarm_failed", error: told(error) }));
    await this.ctx.storage.setAlarm(Date.now() + ALARM_PAUSE_MS);
  }

  /** No caller sees what waits for longer than an attempt takes. */
  #reportWaiting(untold: number, now: number): void {
    const { since } = this.#delivery.backlog() ?? { since: now };
    if (untold > 0 || now - since >= EVENTS_ANSWER_MAX_MS) {
      console.warn(JSON.stringify({ event: "directory_waits", ...this.#waiting(now) }));
    }
  }

  #waiting(now: number): Omit<ShardState, "devices"> {
    const { kv, sql } = this.ctx.storage;
    const losers = waitingLosers(kv, LOSERS_COUNTED_MAX);
    const lostAt = Math.min(now, ...losers.map(({ since }) => since));
    const { events, since } = this.#delivery.backlog() ?? { events: 0, since: now };
    return {
      losers: losers.length,
      losersForSeconds: secondsBetween(lostAt, now),
      events,
      eventsForSeconds: secondsBetween(since, now),
      bytes: sql.databaseSize,
    };
  }

  async #setAlarm(): Promise<void> {
    const now = Date.now();
    const times = [this.#losers.nextAt(), this.#delivery.nextAt(now)].filter((at) => at !== undefined);
    // One that is set for nothing finds that out by itself, and to take it away would be a row as well.
    if (times.length > 0) {
      await this.ctx.storage.setAlarm(Math.max(now, Math.min(...times)));
    }
    this.#noteWaiting();
  }

  /** For a scraper, where there is one. What waits later sets an alarm at once, or is found by one that is set. */
  #noteWaiting(): void {
    if (this.env.SCRAPED) {
      const { kv, sql } = this.ctx.storage;
      const { events = 0, since } = this.#delivery.backlog() ?? {};
      const losers = waitingLosers(kv, LOSERS_COUNTED_MAX).length;
      noteWaiting(this.ctx.id.toString(), { losers, events, since, bytes: sql.databaseSize });
    }
  }

  #hear(who: Who, tell: Tell, now: number): Heard {
    switch (tell.kind) {
      case "hold":
        return this.#hold(who, tell, now);
      case "release":
        this.#release(who, tell, now);
        return {};
      case "note":
        this.#change({ who, events: eventsOfNote(who, tell), now });
        return {};
      case "erased":
        this.#change({ who, events: [eventOfErasure(who, tell)], now });
        return {};
    }
  }

  #hold(who: Who, tell: Tell, now: number): Heard {
    const { kv } = this.ctx.storage;
    const own = holdingOf(kv, { ...tell, ...who });
    const known = { own, holders: () => holdersOf(kv, tell.device) };
    const held = decideHold(known, who, tell, { mode: this.#mode, now });
    // Of the others only those who have the device are written again.
    const put = held.put.map((holding) => ({ holding, before: holding.user === who.user ? own : {} }));
    this.#change({ put, who, events: eventsOfHold(own, who, tell, held), now });
    const moved = held.put.some(({ user, isLost }) => isLost && user !== who.user);
    return { ...(held.standing !== undefined && { standing: held.standing }), ...(moved && { moved }) };
  }

  #release({ user }: Pick<Who, "user">, tell: Tell, now: number): void {
    const own = holdingOf(this.ctx.storage.kv, { device: tell.device, user });
    if (own !== undefined && isReleased(own, tell)) {
      this.#change({ drop: [own], who: own, events: eventsOfRelease(own, tell), now });
    }
  }

  /** Changes holdings, and writes what has happened by it, in one step; what changes nothing takes none, for that would be a commit. */
  #change({ put = [], drop = [], who, events, now }: Change): void {
    const { storage } = this.ctx;
    const happened = this.#delivery.isOn ? events : [];
    const change = () => {
      for (const { holding, before } of put) {
        putHolding(storage.kv, holding, before, now);
      }
      for (const holding of drop) {
        dropHolding(storage.kv, holding);
      }
      const isToBeSent = this.#delivery.write(appInstanceOf(who.userArn), happened, now);
      if (isToBeSent || put.some(({ holding }) => holding.isLost)) {
        void storage.setAlarm(now);
      }
    };
    const holdings = [...put.map(({ holding }) => holding), ...drop];
    if (holdings.length + happened.length === 0) {
      return;
    }
    const isLossIn = [...holdings, ...put.map(({ before }) => before)].some((holding) => holding?.isLost);
    // One row alone is written or not.
    const isOneRow = holdings.length === 1 && !isLossIn && happened.length === 0;
    if (isOneRow) {
      change();
    } else {
      inOneStep(storage, change);
    }
  }
}

type Who = Pick<Holding, "user" | "userArn">;

interface Change {
  readonly put?: readonly { readonly holding: Holding; readonly before: Before }[];
  readonly drop?: readonly Holding[];
  readonly who: Pick<Who, "userArn">;
  readonly events: readonly Happened[];
  readonly now: number;
}

/** Storage that fails, or that a newer release wrote, is an answer: the caller is asked to come back. Throws what else is thrown: a bug. */
function attempt<Result>(call: keyof DirectoryCalls, serve: () => Result): Result | Unavailable {
  try {
    return serve();
  } catch (error) {
    if (error instanceof StorageError || error instanceof NewerRowError) {
      console.error(JSON.stringify({ event: "storage_failed", rpc: call, error: told(error) }));
      return { kind: "unavailable", reason: "DIRECTORY_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS };
    }
    throw error;
  }
}

const RETRY_AFTER_MS = 1_000;

const SECRET_BYTES = 32;

function secondsBetween(since: number, now: number): number {
  return Math.floor((now - since) / 1_000);
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
