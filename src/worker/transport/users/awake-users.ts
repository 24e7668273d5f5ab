import type { Unavailable } from "../../model/failure.ts";

/**
 * How long the runtime keeps a user's object, and its open files, after a call: 10 s, as Cloudflare does, and on workerd
 * half a second more was seen; the rest is for the call itself.
 * Source: developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle
 */
const AWAKE_MS = 12_000;

/**
 * Which users' objects are awake, where one machine holds them all and can't hold more than so many. Their files are the
 * bound: beyond it workerd fails to open a database, and worse, it ends when it has no file left for a connection.
 */
export class AwakeUsers {
  readonly #max: number;
  /** By the object's name, in the order of the calls, of which only a user's last counts. Milliseconds since 1970. */
  readonly #calledAt = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Enters a call, or says how long to wait until another user's object has gone. */
  enter(name: string, now: number): Unavailable | undefined {
    if (!this.#calledAt.delete(name)) {
      this.#forget(now);
      const [oldest] = this.#calledAt.values();
      if (oldest !== undefined && this.#calledAt.size >= this.#max) {
        return { kind: "unavailable", reason: "TOO_MANY_USERS", retryAfterMs: oldest + AWAKE_MS - now };
      }
    }
    this.#calledAt.set(name, now);
    return undefined;
  }

  /** A clock that stepped back must not keep anybody for longer than it counts. */
  #forget(now: number): void {
    for (const [name, calledAt] of this.#calledAt) {
      if (calledAt <= now && now < calledAt + AWAKE_MS) {
        return;
      }
      this.#calledAt.delete(name);
    }
  }
}
