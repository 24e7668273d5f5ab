/**
 * The rules of the register in plain, slow code, written from what is promised (docs/errors.md, docs/differences.md, the
 * comments of the proto) and sharing nothing with src/worker/core: what the real one is held against.
 */
import type { Row } from "../../src/worker/model/endpoint.ts";
import type { Policy } from "./policies.ts";
import {
  type Entry,
  hasToken,
  hasVoipToken,
  isDevice,
  isForgotten,
  lose,
  meansTheSame,
  type Says,
  set,
  stateOf,
} from "./reference-entry.ts";
import type { Asked, Failed } from "./requests.ts";

const DAY_MS = 86_400_000;

/** A launch that says nothing new is noted when the last one that was is older. */
const NOTED_MS = 7 * DAY_MS;

/** Thousandths of a call, so that sums are exact. */
const BURST = 20_000;
const REFILL_PER_MS = 10;

/** What a sender calls has ten times the rate. */
const TIMES: Readonly<Record<string, number>> = { resolve: 10, report: 10 };

/** An outcome in the words that tests compare: "ok …", "REASON ID" or "REASON". */
export type Told = string;

export class ReferenceRegister {
  readonly #policy: Policy;
  #entries: Entry[] = [];
  /** What is left of each operation's rate at a moment. */
  #rates: Record<string, { left: number; at: number }> = {};

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Whether a call of an operation is refused for its rate. */
  isThrottled(operation: string, now: number): boolean {
    const times = TIMES[operation] ?? 1;
    const { left, at } = this.#rates[operation] ?? { left: BURST * times, at: now };
    const refilled = Math.min(BURST * times, left + Math.max(0, now - at) * REFILL_PER_MS * times);
    const refused = refilled < 1_000;
    this.#rates[operation] = { left: refused ? refilled : refilled - 1_000, at: now };
    return refused;
  }

  /** What a crash, a deploy or a rest leaves. */
  restart(): void {
    this.#rates = {};
  }

  copy(): ReferenceRegister {
    const copy = new ReferenceRegister(this.#policy);
    copy.#entries = structuredClone(this.#entries);
    copy.#rates = structuredClone(this.#rates);
    return copy;
  }

  /** The same for registers that nothing tells apart. */
  key(): string {
    const rates = Object.entries(this.#rates).sort(([a], [b]) => a.localeCompare(b));
    return JSON.stringify([this.#entries, rates]);
  }

  /** What a registration comes to; `id` is the one that a new endpoint was given. */
  register(asked: Asked, now: number, id: string): Told {
    const known = this.#entries.find(
      (entry) => entry.asked.clientRequestToken === asked.clientRequestToken && !isForgotten(entry, now),
    );
    if (known !== undefined) {
      return this.#repeat(known, asked, now);
    }
    const same = this.#live().find((entry) => isDevice(entry, asked, asked.endpointAttributes.deviceToken));
    if (same !== undefined) {
      return this.#again(same, asked, now);
    }
    const seenAt = this.#nextMoment(now);
    if (this.#live().length >= this.#policy.limit) {
      const useless = this.#mostUseless(now);
      if (useless === undefined) {
        return "ENDPOINT_LIMIT_EXCEEDED";
      }
      useless.goneAt = now;
    }
    this.#forget(asked.clientRequestToken);
    const { endpointAttributes, name, allowMessages = "ALL" } = asked;
    const { deviceToken, voipDeviceToken } = endpointAttributes;
    this.#entries.push({
      ...{ id, asked, token: deviceToken, voip: voipDeviceToken, name, allowMessages },
      ...{ createdAt: now, updatedAt: now, seenAt },
    });
    return `ok ${id}`;
  }

  update(
    endpointId: string,
    { name, allowMessages, endpointAttributes }: Pick<Partial<Asked>, "name" | "allowMessages" | "endpointAttributes">,
    now: number,
  ): Told {
    const entry = this.#live().find(({ id }) => id === endpointId);
    if (entry === undefined) {
      return "ENDPOINT_NOT_FOUND";
    }
    if (endpointAttributes === undefined) {
      if (set(entry, { name, allowMessages })) {
        entry.updatedAt = Math.max(entry.updatedAt, now);
      }
      return `ok ${endpointId}`;
    }
    const { deviceToken: token, voipDeviceToken: voip } = endpointAttributes;
    const other = this.#live().find((each) => each !== entry && isDevice(each, entry.asked, token));
    if (other !== undefined && other.deadSince === undefined) {
      return `DEVICE_ALREADY_REGISTERED ${other.id}`;
    }
    this.#hear(entry, { name, allowMessages, token, voip }, now);
    if (other !== undefined) {
      other.goneAt = now;
    }
    return `ok ${endpointId}`;
  }

  describe(endpointId: string): Told {
    const entry = this.#live().find(({ id }) => id === endpointId);
    if (entry === undefined) {
      return "ENDPOINT_NOT_FOUND";
    }
    const { token, voip, name, allowMessages, createdAt, updatedAt, seenAt } = entry;
    return `ok ${[token, voip, name, allowMessages, createdAt, updatedAt, seenAt, stateOf(entry)].join(" ")}`;
  }

  /** A page of so many, after an endpoint that was there once. */
  list(maxResults: number, after = ""): Told {
    const left = this.#live().filter(({ id }) => id > after);
    const page = left.slice(0, maxResults).map((entry) => `${entry.id} ${stateOf(entry)}`);
    return `ok ${page}${left.length > page.length ? " and more" : ""}`;
  }

  deregister(endpointId: string, now: number): void {
    for (const entry of this.#live()) {
      if (entry.id === endpointId) {
        entry.goneAt = now;
      }
    }
  }

  /** Ends all of them. */
  erase(now: number): Told {
    for (const entry of this.#live()) {
      entry.goneAt = now;
    }
    return "ok";
  }

  /** Another user has named the device of one of them. */
  loseDevice({ asked, token }: Pick<Entry, "asked" | "token">, now: number): void {
    for (const entry of this.#live().filter((entry) => isDevice(entry, asked, token))) {
      if (entry.deadSince === undefined) {
        entry.deadSince = now;
        entry.updatedAt = Math.max(entry.updatedAt, now);
        delete entry.doubtedAt;
      }
    }
  }

  live(): readonly Readonly<Entry>[] {
    return this.#live();
  }

  /** Which endpoints a push may be sent to, of one app or of all. */
  resolve(resourceArn: string | undefined, now: number): Told {
    const woken = this.#live().filter(
      (entry) =>
        entry.deadSince === undefined &&
        entry.allowMessages === "ALL" &&
        !this.#isStale(entry, now) &&
        (resourceArn ?? entry.asked.resourceArn) === entry.asked.resourceArn,
    );
    return `ok ${woken.map(({ id, token, voip, seenAt }) => [id, token, voip, seenAt].join(" "))}`;
  }

  /** What some pushes that failed say, each by itself, and one after the other. */
  report(failures: readonly Failed[], now: number): Told {
    return `ok ${failures.map((failed) => `${failed.endpointId} ${this.#fail(failed, now)}`)}`;
  }

  /** What a purge leaves; the register may purge whenever it likes. */
  purge(now: number): void {
    this.#entries = this.#entries.filter((entry) => !isForgotten(entry, now));
  }

  /** What is to be stored, without what only the register knows: the fingerprint. */
  stored(): Omit<Row, "fingerprint">[] {
    return this.#entries.map((entry) => {
      const { id, asked, token, voip, name, deadSince, doubtedAt, goneAt } = entry;
      const { clientRequestToken, type, resourceArn } = asked;
      return goneAt !== undefined
        ? { state: "deregistered" as const, endpointId: id, clientRequestToken, expiresAt: goneAt + DAY_MS }
        : {
            state: "live" as const,
            endpointId: id,
            clientRequestToken,
            type,
            resourceArn,
            deviceToken: token,
            ...(voip !== undefined && { voipDeviceToken: voip }),
            ...(name !== undefined && { name }),
            allowMessages: entry.allowMessages,
            createdAt: entry.createdAt,
            lastUpdatedAt: entry.updatedAt,
            deviceTokenAt: entry.seenAt,
            ...(deadSince !== undefined && { inactiveSince: deadSince }),
            ...(doubtedAt !== undefined && { suspectedAt: doubtedAt }),
          };
    });
  }

  /** A request that was made before. */
  #repeat(entry: Entry, asked: Asked, now: number): Told {
    if (entry.goneAt !== undefined) {
      return `ENDPOINT_DEREGISTERED ${entry.id}`;
    }
    if (!meansTheSame(entry.asked, asked)) {
      return `REQUEST_TOKEN_REUSED ${entry.id}`;
    }
    if (hasToken(entry, asked.endpointAttributes.deviceToken)) {
      this.#hear(entry, {}, now);
    }
    return `ok ${entry.id}`;
  }

  /** Another request for a device that is registered. */
  #again(entry: Entry, asked: Asked, now: number): Told {
    if (!this.#policy.adopts && entry.deadSince === undefined) {
      return `DEVICE_ALREADY_REGISTERED ${entry.id}`;
    }
    const { deviceToken: token, voipDeviceToken: voip } = asked.endpointAttributes;
    if (this.#hear(entry, { ...asked, token, voip }, now)) {
      entry.asked = asked;
      this.#forget(asked.clientRequestToken, entry);
    }
    return `ok ${entry.id}`;
  }

  #live(): Entry[] {
    return this.#entries.filter(({ goneAt }) => goneAt === undefined);
  }

  /** Drops what is left of an endpoint whose request token is used again. */
  #forget(clientRequestToken: string, except?: Entry): void {
    this.#entries = this.#entries.filter(
      (entry) => entry === except || entry.asked.clientRequestToken !== clientRequestToken,
    );
  }

  /** An app says what its device is. Whether there was anything to note of it. */
  #hear(entry: Entry, says: Says, now: number): boolean {
    const isNews = set(entry, says);
    const wasDead = entry.deadSince !== undefined;
    if (!isNews && !wasDead && entry.doubtedAt === undefined && now <= entry.seenAt + NOTED_MS) {
      return false;
    }
    if (isNews || wasDead) {
      entry.updatedAt = Math.max(entry.updatedAt, now);
    }
    entry.seenAt = this.#nextMoment(now);
    delete entry.deadSince;
    delete entry.doubtedAt;
    return true;
  }

  /** No two endpoints are seen at the same moment, and the one that is seen later has the later one. */
  #nextMoment(now: number): number {
    return Math.max(now, ...this.#live().map(({ seenAt }) => seenAt + 1));
  }

  #isStale({ seenAt }: Entry, now: number): boolean {
    const { staleDays } = this.#policy;
    return staleDays !== undefined && now > seenAt + staleDays * DAY_MS;
  }

  /** Dead ones go first, and then what was left in a drawer. */
  #mostUseless(now: number): Entry | undefined {
    const first = (entries: Entry[], at: (entry: Entry) => number) =>
      entries.reduce<Entry | undefined>((least, entry) => (least && at(least) <= at(entry) ? least : entry), undefined);
    const dead = this.#live().filter(({ deadSince }) => deadSince !== undefined);
    const stale = this.#live().filter((entry) => this.#isStale(entry, now));
    return first(dead, ({ deadSince = 0 }) => deadSince) ?? first(stale, ({ seenAt }) => seenAt);
  }

  #fail(failed: Failed, now: number): string {
    const { endpointId, deviceToken, at } = failed;
    const entry = this.#live().find(({ id }) => id === endpointId);
    if (entry === undefined) {
      return "NOT_FOUND";
    }
    if (!hasToken(entry, deviceToken) && !hasVoipToken(entry, deviceToken)) {
      return `TOKEN_REPLACED ${stateOf(entry)}`;
    }
    const failedAt = Math.min(at, now);
    if (failedAt < entry.seenAt) {
      return `CONFIRMED_SINCE ${stateOf(entry)}`;
    }
    return `${lose(entry, failed, failedAt, now)} ${stateOf(entry)}`;
  }
}
