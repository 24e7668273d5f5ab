/**
 * The rules of devices that several users name, in plain code beside those of each user alone (reference.ts), written from what is promised
 * (docs/devices.md): as it is at rest, when everybody who lost a device has heard of it.
 */
import type { DevicesMode } from "../../src/worker/model/holding.ts";
import type { HistoryCall } from "./history.ts";
import { type Circumstances, playCall } from "./play-call.ts";
import type { Policy } from "./policies.ts";
import { ReferenceRegister, type Told } from "./reference.ts";
import { type Entry, isDevice } from "./reference-entry.ts";
import { asked } from "./requests.ts";

type Device = Pick<Entry, "asked" | "token">;

/** An endpoint that is known to have a device. */
interface Held {
  readonly user: string;
  readonly id: string;
  readonly device: Device;
}

export class ReferenceInstance {
  readonly #mode: DevicesMode;
  readonly #users: ReadonlyMap<string, ReferenceRegister>;
  #held: readonly Held[];

  constructor(mode: DevicesMode, users: ReadonlyMap<string, ReferenceRegister>, held: readonly Held[] = []) {
    this.#mode = mode;
    this.#users = users;
    this.#held = held;
  }

  static of(users: readonly string[], mode: DevicesMode, policy: Policy): ReferenceInstance {
    return new ReferenceInstance(mode, new Map(users.map((user) => [user, new ReferenceRegister(policy)])));
  }

  copy(): this {
    const users = new Map(Array.from(this.#users, ([user, register]) => [user, register.copy()]));
    return new ReferenceInstance(this.#mode, users, this.#held) as this;
  }

  key(): string {
    return JSON.stringify([Array.from(this.#users, ([user, register]) => [user, register.key()]), this.#held]);
  }

  play(user: string, call: HistoryCall, circumstances: Circumstances): Told {
    const register = this.#users.get(user) as ReferenceRegister;
    const told = playCall(register, call, circumstances);
    const [outcome, id] = told.split(" ");
    const entry = register.live().find((entry) => entry.id === id);
    if (outcome === "ok" && entry !== undefined && names(call, entry)) {
      this.#hold(user, entry, circumstances.now);
    }
    this.#held = this.#held.filter((held) => this.#isLive(held));
    return told;
  }

  /** Who is known to have a device. */
  holders(device: Device): string[] {
    return this.#held
      .filter((held) => isSame(held.device, device))
      .map(({ user }) => user)
      .toSorted();
  }

  /** What there is of a user, as far as others' calls have to do with it. */
  endpointsOf(user: string): string[] {
    const live = this.#users.get(user)?.live() ?? [];
    return live.map(({ id, token, deadSince }) => `${id} ${token} ${deadSince === undefined ? "ACTIVE" : "INACTIVE"}`);
  }

  #hold(user: string, { id, asked, token }: Readonly<Entry>, now: number): void {
    const device = { asked, token };
    for (const [other, register] of this.#mode === "move" ? this.#users : []) {
      if (other !== user) {
        register.loseDevice(device, now);
      }
    }
    const others = this.#held.filter(
      (held) => (this.#mode === "share" && held.user !== user) || !isSame(held.device, device),
    );
    this.#held = [...others, { user, id, device }].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  #isLive({ user, id, device }: Held): boolean {
    const live = this.#users.get(user)?.live() ?? [];
    return live.some((entry) => entry.id === id && isSame(entry, device));
  }
}

/** Whether a call names the device that an endpoint has after it: a late retry may name one that was rotated away. */
function names(call: HistoryCall, entry: Readonly<Entry>): boolean {
  const said = call.call === "register" ? asked(call.request) : call.call === "update" ? call : undefined;
  const token = said?.endpointAttributes?.deviceToken;
  return token !== undefined && isSame(entry, { asked: entry.asked, token });
}

function isSame(a: Readonly<Entry> | Device, { asked, token }: Device): boolean {
  return isDevice(a as Entry, asked, token);
}
