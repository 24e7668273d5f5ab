/**
 * The rules of the register in plain, slow code, written from what is promised (docs/errors.md, docs/differences.md) and
 * sharing nothing with src/core: what the real one is held against.
 */
import type { Row } from "../../src/model/endpoint.ts";
import type {
  RegisterAppInstanceUserEndpointRequest,
  UpdateAppInstanceUserEndpointRequest,
} from "../../src/model/operations.ts";

const DAY_MS = 86_400_000;
const LIMIT = 10;

interface Entry {
  readonly id: string;
  /** As it was asked for: what a retry has to repeat. */
  readonly asked: RegisterAppInstanceUserEndpointRequest;
  name: string | undefined;
  allowMessages: "ALL" | "NONE";
  readonly createdAt: number;
  updatedAt: number;
  /** When it was deregistered. */
  goneAt?: number;
}

/** An outcome in the words that tests compare: "ok ID", "REASON ID" or "REASON". */
export type Told = string;

export class ReferenceRegister {
  #entries: Entry[] = [];

  /** What a registration comes to; `id` is the one that a new endpoint was given. */
  register(asked: RegisterAppInstanceUserEndpointRequest, now: number, id: string): Told {
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

  update({ endpointId, name, allowMessages }: UpdateAppInstanceUserEndpointRequest, now: number): Told {
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

  list(): string[] {
    return this.#entries.filter(({ goneAt }) => goneAt === undefined).map(({ id }) => id);
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

  /** Whether any tombstone is left to be purged. */
  hasTombstones(): boolean {
    return this.#entries.some(({ goneAt }) => goneAt !== undefined);
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

function isSameDevice(a: RegisterAppInstanceUserEndpointRequest, b: RegisterAppInstanceUserEndpointRequest): boolean {
  return (
    a.type === b.type &&
    a.resourceArn === b.resourceArn &&
    a.endpointAttributes.deviceToken === b.endpointAttributes.deviceToken
  );
}

function meansTheSame(a: RegisterAppInstanceUserEndpointRequest, b: RegisterAppInstanceUserEndpointRequest): boolean {
  return (
    isSameDevice(a, b) &&
    a.endpointAttributes.voipDeviceToken === b.endpointAttributes.voipDeviceToken &&
    a.name === b.name &&
    (a.allowMessages ?? "ALL") === (b.allowMessages ?? "ALL")
  );
}
