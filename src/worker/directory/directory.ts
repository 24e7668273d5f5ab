import { DurableObject } from "cloudflare:workers";
import { type Config, type Env, readConfig } from "../config.ts";
import { retryAt } from "../core/directory/backoff.ts";
import {
  eventOfErasure,
  eventsOfHold,
  eventsOfNote,
  eventsOfRelease,
  type Happened,
} from "../core/directory/events/happened.ts";
import { decideHold, releasedBy } from "../core/directory/hold.ts";
import { claimedAtOf } from "../core/directory/order.ts";
import type { DirectoryCalls, Heard, Listed } from "../model/directory-calls.ts";
import type { Holding } from "../model/holding.ts";
import { EVENTS_ANSWER_MAX_MS, LOSERS_AT_ONCE } from "../model/limits.ts";
import type { Tell } from "../model/tells.ts";
import { type AwakeUsers, roomFor } from "../objects/awake-users.ts";
import { appInstanceOf, sha256 } from "../objects/device-key.ts";
import { objectFor, objectName } from "../objects/place.ts";
import { noteWaiting } from "../objects/waiting.ts";
import {
  type Due,
  dropDue,
  dropHolding,
  dueLosers,
  holdingAt,
  holdingsOf,
  listHoldings,
  putDue,
  putHolding,
} from "../storage/holdings.ts";
import { Delivery } from "./events/delivery.ts";

/**
 * One shard of the Directory, which knows who has which device: 1 of 64, by a device's hash. It never sees a token.
 *
 * Users' objects are the truth, and commit before the shard hears of it; what it hears may be late, repeated or out of order. So each
 * word says when the device's token was named, and the newest counts. A user who loses a device is told by the shard's
 * alarm, again and again until that user's object has answered. Where EVENTS_URL says so, each change is written as an event in the same
 * step, and sent by the alarm too.
 */
export class Directory extends DurableObject<Env> implements DirectoryCalls {
  readonly #config: Config;
  readonly #delivery: Delivery;
  readonly #room: AwakeUsers | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#config = readConfig(env);
    this.#room = roomFor(this.#config.usersAtOnce);
    this.#delivery = new Delivery(ctx.storage, this.#config.events);
  }

  tell(userArn: string, tells: readonly Tell[]) {
    const { storage } = this.ctx;
    const who = { user: sha256(userArn), userArn };
    const now = Date.now();
    return storage.transactionSync(() => tells.map((tell) => this.#hear(who, tell, now)));
  }

  forget(released: readonly Tell[]): void {
    const now = Date.now();
    this.ctx.storage.transactionSync(() => {
      for (const tell of released) {
        this.#release(tell, now);
      }
    });
  }

  lookUp(device: string): readonly Holding[] {
    return holdingsOf(this.ctx.storage.kv, device).filter(({ isLost }) => !isLost);
  }

  list(instance: string, after: string, count: number): readonly Listed[] {
    return listHoldings(this.ctx.storage.kv, instance, after, count);
  }

  /**
   * Tells those who have lost a device, and has events delivered. The runtime gives an alarm up after six tries, so it must not see a
   * failure; and it begins none before the last has ended, so that does not wait for the receiver of events.
   */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const due = dueLosers(this.ctx.storage.kv).filter(([, { at }]) => at <= now);
    const told = Promise.all(due.slice(0, LOSERS_AT_ONCE).map(([key, due]) => this.#tellLoser(key, due)));
    const sending = this.#delivery.deliver(now);
    if (sending !== undefined) {
      // Not before the losers are told: those who are being told would seem to be due.
      this.ctx.waitUntil(Promise.all([sending, told]).then(() => this.#setAlarm()));
    }
    await told;
    await this.#setAlarm();
    this.#reportWaiting(now);
  }

  /** For operators: no caller sees what waits for longer than an attempt takes. Counting devices would read them all; bytes are known. */
  #reportWaiting(now: number): void {
    const { kv, sql } = this.ctx.storage;
    const losers = dueLosers(kv).length;
    const { events, since } = this.#delivery.backlog() ?? { events: 0, since: now };
    if (losers > 0 || now - since >= EVENTS_ANSWER_MAX_MS) {
      const waiting = { losers, events, eventsForSeconds: Math.floor((now - since) / 1_000), bytes: sql.databaseSize };
      console.warn(JSON.stringify({ event: "directory_waits", ...waiting }));
    }
  }

  async #setAlarm(): Promise<void> {
    const { storage } = this.ctx;
    const now = Date.now();
    const losers = dueLosers(storage.kv).map(([, { at }]) => at);
    const events = this.#delivery.nextAt(now);
    const [first, ...others] = events === undefined ? losers : [...losers, events];
    // One that is set for nothing finds that out by itself, and to take it away would be a row as well.
    if (first !== undefined) {
      await storage.setAlarm(Math.max(now, Math.min(first, ...others)));
    }
    this.#noteWaiting();
  }

  /** For a scraper, where there is one. What waits later sets an alarm at once, or is found by one that is set. */
  #noteWaiting(): void {
    if (this.env.SCRAPED) {
      const { kv, sql } = this.ctx.storage;
      const { events = 0, since } = this.#delivery.backlog() ?? {};
      const losers = dueLosers(kv).length;
      noteWaiting(this.ctx.id.toString(), { losers, events, since, bytes: sql.databaseSize });
    }
  }

  #hear(who: Pick<Holding, "user" | "userArn">, tell: Tell, now: number): Heard {
    switch (tell.kind) {
      case "hold": {
        const { kv } = this.ctx.storage;
        const { devices: mode = "move" } = this.#config;
        const before = holdingsOf(kv, tell.device);
        const { put, standing } = decideHold(before, who, tell, { mode, now });
        for (const holding of put) {
          putHolding(kv, holding, now);
        }
        if (put.some(({ isLost }) => isLost)) {
          void this.ctx.storage.setAlarm(now);
        }
        this.#write(who, eventsOfHold(before, who, tell, put), now);
        const moved = put.some(({ user, isLost }) => isLost && user !== who.user);
        return { ...(standing !== undefined && { standing }), ...(moved && { moved }) };
      }
      case "release":
        this.#release(tell, now);
        return {};
      case "note":
        this.#write(who, eventsOfNote(who, tell), now);
        return {};
      case "erased":
        this.#write(who, [eventOfErasure(who, tell)], now);
        return {};
    }
  }

  #release(tell: Tell, now: number): void {
    const { kv } = this.ctx.storage;
    const released = releasedBy(holdingsOf(kv, tell.device), tell);
    if (released !== undefined) {
      dropHolding(kv, released);
      this.#write(released, eventsOfRelease(released, tell), now);
    }
  }

  #write({ userArn }: Pick<Holding, "userArn">, events: readonly Happened[], now: number): void {
    if (this.#delivery.write(appInstanceOf(userArn), events, now)) {
      void this.ctx.storage.setAlarm(now);
    }
  }

  async #tellLoser(key: string, due: Due): Promise<void> {
    const { kv } = this.ctx.storage;
    const lost = holdingAt(kv, key);
    if (!lost?.isLost) {
      dropDue(kv, key);
      return;
    }
    const { userArn, device } = lost;
    const name = objectName(userArn);
    const now = Date.now();
    const full = this.#room?.enter(name, CALLER, now);
    if (full !== undefined) {
      putDue(kv, key, { ...due, at: now + full.retryAfterMs });
      return;
    }
    try {
      const user = objectFor(this.env.APP_INSTANCE_USER, this.#config.placement, userArn, name);
      const lostAt = claimedAtOf(lost);
      const { newer } = await user.loseDevice({ appInstanceArn: appInstanceOf(userArn), device, lostAt });
      this.ctx.storage.transactionSync(() => this.#told(key, lost, newer));
    } catch (error) {
      console.error(JSON.stringify({ event: "loser_not_told", failures: due.failures + 1, error: messageOf(error) }));
      putDue(kv, key, { at: retryAt(due.failures, Date.now()), failures: due.failures + 1 });
    }
  }

  /** What the loser's object has answered counts for the holding that it was asked about, and is compared as any other hold. */
  #told(key: string, sent: Holding, newer: Tell | undefined): void {
    const { kv } = this.ctx.storage;
    const lost = holdingAt(kv, key);
    if (lost?.isLost && lost.endpointId === sent.endpointId && claimedAtOf(lost) === claimedAtOf(sent)) {
      dropDue(kv, key);
    }
    if (newer !== undefined) {
      this.#hear(sent, newer, Date.now());
    }
  }
}

/** What the Directory is counted by, among the callers who keep users awake. */
const CALLER = "directory";

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
