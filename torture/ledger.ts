/**
 * What one user's callers were told, and so what the register must hold: exactly, where calls were answered, and one
 * of several things where an answer was lost.
 */

/** What an endpoint was registered with, which never changes. */
export interface Device {
  readonly clientRequestToken: string;
  readonly type: string;
  readonly endpointAttributes: { readonly deviceToken: string; readonly voipDeviceToken?: string };
}

/** What a registration or an update sets, all of it at once. */
export interface Settings {
  readonly name: string;
  readonly allowMessages: string;
}

/** An endpoint as the register describes it. */
export interface Seen extends Omit<Device, "clientRequestToken"> {
  readonly endpointId: string;
  readonly settings: Settings;
}

/** Settings that were sent, and when, on the ledger's own clock. */
interface Write {
  readonly settings: Settings;
  readonly sentAt: number;
  /** Infinity until it is. */
  answeredAt: number;
}

/** A registration that was sent at least once, and what followed it. */
export class Entry {
  readonly device: Device;
  readonly initial: Settings;
  /** Known from the first answer, or the first look, that told it. */
  id: string | undefined;
  isAcknowledged = false;
  deregistration: "none" | "unanswered" | "acknowledged" = "none";
  #writes: Write[];

  constructor(device: Device, initial: Settings) {
    this.device = device;
    this.initial = initial;
    this.#writes = [{ settings: initial, sentAt: 0, answeredAt: 0 }];
  }

  sent(settings: Settings): Write {
    const write = { settings, sentAt: tick(), answeredAt: Number.POSITIVE_INFINITY };
    this.#writes.push(write);
    return write;
  }

  /** What may be stored: whether nothing, and which settings. What was overwritten by a later answered call may not. */
  mayBe(): { absent: boolean; settings: Settings[] } {
    const latest = Math.max(...this.#writes.filter(isAnswered).map(({ sentAt }) => sentAt));
    const settings = this.#writes.filter(({ answeredAt }) => answeredAt >= latest).map((write) => write.settings);
    return {
      absent: !this.isAcknowledged || this.deregistration !== "none",
      settings: this.deregistration === "acknowledged" ? [] : settings,
    };
  }

  /** What is wrong with what is stored, if anything; it is taken for known from here on. */
  settle(seen: Seen | undefined): string | undefined {
    const { absent, settings } = this.mayBe();
    if (seen === undefined) {
      this.deregistration = this.isAcknowledged ? "acknowledged" : "none";
      return absent ? undefined : `${this.#called()} was acknowledged and is lost`;
    }
    const wrong = this.#wrongIn(seen, settings);
    this.id = seen.endpointId;
    this.isAcknowledged = true;
    this.deregistration = "none";
    this.#writes = [{ settings: seen.settings, sentAt: 0, answeredAt: 0 }];
    return wrong;
  }

  #wrongIn(seen: Seen, settings: readonly Settings[]): string | undefined {
    if (settings.length === 0) {
      return `${this.#called()} is there again after its deregistration was acknowledged`;
    }
    if (this.id !== undefined && this.id !== seen.endpointId) {
      return `${this.#called()} has the id ${seen.endpointId} and not the one acknowledged, ${this.id}`;
    }
    const { clientRequestToken: _, ...device } = this.device;
    if (!same(device, { type: seen.type, endpointAttributes: seen.endpointAttributes })) {
      return `${this.#called()} is not stored as it was sent`;
    }
    return settings.some((possible) => same(possible, seen.settings))
      ? undefined
      : `${this.#called()} has settings ${JSON.stringify(seen.settings)}, and may have ${JSON.stringify(settings)}`;
  }

  #called(): string {
    return `registration ${this.device.clientRequestToken}`;
  }
}

let clock = 0;

/** A moment later than all before it. */
export function tick(): number {
  clock += 1;
  return clock;
}

function isAnswered({ answeredAt }: Write): boolean {
  return answeredAt < Number.POSITIVE_INFINITY;
}

function same(a: object, b: object): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: object): string {
  return JSON.stringify(value, (_, member) =>
    typeof member === "object" && member !== null
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
