import type { Unavailable } from "../model/failure.ts";

/**
 * How long the runtime keeps a user's object, and its open files, after a call: 10 s, as Cloudflare does, and on workerd
 * half a second more was seen; the rest is for the call itself.
 * Source: developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle
 */
const AWAKE_MS = 12_000;

/**
 * A caller may keep as many users awake as this many times the room that it leaves. So one that walks through users without
 * end gets four fifths of the room, a second one four fifths of the rest, and who comes with one user of their own finds
 * room. An honest caller that is alone, such as an app's only backend, goes without the last fifth.
 * Source: the dynamic thresholds of A. Choudhury and E. Hahne, IEEE/ACM Transactions on Networking 6(2), 1998.
 */
const TIMES_THE_ROOM = 4;

/** The room of this machine, in which all count who call users' objects; undefined where there is room enough, as on Cloudflare. */
export function roomFor(usersAtOnce: number | undefined): AwakeUsers | undefined {
  if (usersAtOnce !== undefined) {
    room ??= new AwakeUsers(usersAtOnce);
  }
  return room;
}

let room: AwakeUsers | undefined;

interface Awake {
  /** Milliseconds since 1970. */
  readonly calledAt: number;
  readonly caller: string;
}

/**
 * Which users' objects are awake, and who called them last, where one machine holds them all and can't hold more than so
 * many. Their files are the bound: beyond it workerd fails to open a database, and worse, it ends when it has no file left
 * for a connection.
 */
export class AwakeUsers {
  readonly max: number;
  /** By the object's name, in the order of the calls, of which only a user's last counts. */
  readonly #awake = new Map<string, Awake>();
  /** How many of them each caller holds awake; none where that is nothing. */
  readonly #held = new Map<string, number>();

  constructor(max: number) {
    this.max = max;
  }

  /** Enters a call of a caller, or says how long to wait until a user's object has gone that is in its way. */
  enter(name: string, caller: string, now: number): Unavailable | undefined {
    if (!this.#drop(name)) {
      this.#forget(now);
      const inTheWay = this.#inTheWayOf(caller);
      if (inTheWay !== undefined) {
        return { kind: "unavailable", reason: "TOO_MANY_USERS", retryAfterMs: inTheWay.calledAt + AWAKE_MS - now };
      }
    }
    this.#awake.set(name, { calledAt: now, caller });
    this.#held.set(caller, this.#heldBy(caller) + 1);
    return undefined;
  }

  /** Whether a user's object is awake: a call of theirs was entered lately. */
  has(name: string, now: number): boolean {
    this.#forget(now);
    return this.#awake.has(name);
  }

  /** How many users' objects are awake. */
  count(now: number): number {
    this.#forget(now);
    return this.#awake.size;
  }

  /** Who has to fall asleep first for it: one of the caller's own users where it has its share, and else anybody's. */
  #inTheWayOf(caller: string): Awake | undefined {
    const held = this.#heldBy(caller);
    const room = this.max - this.#awake.size;
    const hasItsShare = held > 0 && held >= TIMES_THE_ROOM * (room - 1);
    if (room > 0 && !hasItsShare) {
      return undefined;
    }
    for (const awake of this.#awake.values()) {
      if (room <= 0 || awake.caller === caller) {
        return awake;
      }
    }
    return undefined;
  }

  #heldBy(caller: string): number {
    return this.#held.get(caller) ?? 0;
  }

  #drop(name: string): boolean {
    const awake = this.#awake.get(name);
    if (awake === undefined) {
      return false;
    }
    const left = this.#heldBy(awake.caller) - 1;
    if (left > 0) {
      this.#held.set(awake.caller, left);
    } else {
      this.#held.delete(awake.caller);
    }
    return this.#awake.delete(name);
  }

  /** A clock that stepped back must not keep anybody for longer than it counts. */
  #forget(now: number): void {
    for (const [name, { calledAt }] of this.#awake) {
      if (calledAt <= now && now < calledAt + AWAKE_MS) {
        return;
      }
      this.#drop(name);
    }
  }
}
