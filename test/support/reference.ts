/**
 * The rules of the register in plain, slow code, written from what is promised (docs/errors.md, docs/differences.md) and
 * sharing nothing with src/worker/core: what the real one is held against.
 */
import type { Row } from "../../src/worker/model/endpoint.ts";
import type { Asked } from "./requests.ts";

const DAY_MS = 86_400_000;
const LIMIT = 10;

/** Thousandths of a call, so that sums are exact. */
const BURST = 20_000;
const REFILL_PER_MS = 10;

interface Entry {
  readonly id: string;
  /** As it was asked for: what a retry has to repeat. */
  readonly asked: Asked;
  name: string | undefined;
  allowMessages: "ALL" | "NONE";
  readonly createdAt: number;
  updatedAt: number;
  /** When it was deregistered. */
  goneAt?: number;
}

/** An outcome in the words that tests compare: "ok …", "REASON ID" or "REASON". */
export type Told = string;

export class ReferenceRegister {
  #entries: Entry[] = [];
  /** What is left of each operation's rate at a moment. */
  #rates: Record<string, { left: number; at: number }> = {};

  /** Whether a call of an operation is refused for its rate. */
  isThrottled(operation: string, now: number): boolean {
    const { left, at } = this.#rates[operation] ?? { left: BURST, at: now };
    const refilled = Math.min(BURST, left + Math.max(0, now - at) * REFILL_PER_MS);
    const refused = refilled < 1_000;
    this.#rates[operation] = { left: refused ? refilled : refilled - 1_000, at: now };
    return refused;
  }

  /** What a crash, a deploy or a rest leaves. */
  restart(): void {
    this.#rates = {};
  }

  copy(): ReferenceRegister {
    const copy = new ReferenceRegister();
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
    for (const entry of this.#entries) {
      if (entry.asked.clientRequestToken === asked.clientRequestToken && !isForgotten(entry, now)) {
        if (entry.goneAt !== undefined) {
          return `ENDPOINT_DEREGISTERED ${entry.id}`;
        }
        return meansTheSame(entry.asked, asked) ? `ok ${entry.id}` : `REQUEST_TOKEN_REUSED ${entry.id}`;
      }
    }
    const live = this.#entries.filter(({ goneAt }) => goneAt === undefined);
    for (const entry of live) {
      if (isSameDevice(entry.asked, asked)) {
        return `DEVICE_ALREADY_REGISTERED ${entry.id}`;
      }
    }
    if (live.length >= LIMIT) {
      return "ENDPOINT_LIMIT_EXCEEDED";
    }
    this.#entries = this.#entries.filter(({ asked: { clientRequestToken } }) => {
      return clientRequestToken !== asked.clientRequestToken;
    });
    const { name, allowMessages = "ALL" } = asked;
    this.#entries.push({ id, asked, name, allowMessages, createdAt: now, updatedAt: now });
    return `ok ${id}`;
  }

  update(
    endpointId: string,
    { name, allowMessages }: Pick<Partial<Asked>, "name" | "allowMessages">,
    now: number,
  ): Told {
    const entry = this.#live(endpointId);
    if (entry === undefined) {
      return "ENDPOINT_NOT_FOUND";
    }
    const [newName, newAllowed] = [name ?? entry.name, allowMessages ?? entry.allowMessages];
    if (newName !== entry.name || newAllowed !== entry.allowMessages) {
      entry.updatedAt = Math.max(entry.updatedAt, now);
    }
    entry.name = newName;
    entry.allowMessages = newAllowed;
    return `ok ${endpointId}`;
  }

  describe(endpointId: string): Told {
    const entry = this.#live(endpointId);
    return entry === undefined
      ? "ENDPOINT_NOT_FOUND"
      : `ok ${entry.asked.endpointAttributes.deviceToken} ${entry.name} ${entry.allowMessages} ${entry.createdAt} ${entry.updatedAt}`;
  }

  /** A page of so many, after an endpoint that was there once. */
  list(maxResults: number, after = ""): Told {
    const left = this.#entries.filter(({ id, goneAt }) => goneAt === undefined && id > after);
    const page = left.slice(0, maxResults).map(({ id }) => id);
    return `ok ${page}${left.length > page.length ? " and more" : ""}`;
  }

  deregister(endpointId: string, now: number): void {
    const entry = this.#live(endpointId);
    if (entry !== undefined) {
      entry.goneAt = now;
    }
  }

  /** What a purge leaves; the register may purge whenever it likes. */
  purge(now: number): void {
    this.#entries = this.#entries.filter((entry) => !isForgotten(entry, now));
  }

  /** What is to be stored, without what only the register knows: the fingerprint. */
  stored(): Omit<Row, "fingerprint">[] {
    return this.#entries.map(({ id, asked, name, allowMessages, createdAt, updatedAt, goneAt }) => {
      const { clientRequestToken, type, resourceArn, endpointAttributes } = asked;
      return goneAt !== undefined
        ? { state: "deregistered" as const, endpointId: id, clientRequestToken, expiresAt: goneAt + DAY_MS }
        : {
            state: "live" as const,
            endpointId: id,
            clientRequestToken,
            type,
            resourceArn,
            ...endpointAttributes,
            ...(name !== undefined && { name }),
            allowMessages,
            createdAt,
            lastUpdatedAt: updatedAt,
          };
    });
  }

  #live(id: string): Entry | undefined {
    return this.#entries.find((entry) => entry.id === id && entry.goneAt === undefined);
  }
}

function isForgotten({ goneAt }: Entry, now: number): boolean {
  return goneAt !== undefined && now >= goneAt + DAY_MS;
}

function isSameDevice(a: Asked, b: Asked): boolean {
  const [tokenA, tokenB] = [a.endpointAttributes.deviceToken, b.endpointAttributes.deviceToken];
  // Apple's are hexadecimal, and mean the same in either case.
  const isApples = a.type !== "GCM" && !/[^0-9a-fA-F]/.test(tokenA + tokenB);
  const isSameToken = isApples ? tokenA.toUpperCase() === tokenB.toUpperCase() : tokenA === tokenB;
  return isSameToken && a.type === b.type && a.resourceArn === b.resourceArn;
}

/** Letter by letter, also where another spelling would be the same device. */
function meansTheSame(a: Asked, b: Asked): boolean {
  return (
    a.type === b.type &&
    a.resourceArn === b.resourceArn &&
    a.endpointAttributes.deviceToken === b.endpointAttributes.deviceToken &&
    a.endpointAttributes.voipDeviceToken === b.endpointAttributes.voipDeviceToken &&
    a.name === b.name &&
    (a.allowMessages ?? "ALL") === (b.allowMessages ?? "ALL")
  );
}
