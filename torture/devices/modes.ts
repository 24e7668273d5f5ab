/**
 * DEVICES is off, `share` and `move` in turn, as deployments switch it, by restarts in an orderly way or by a kill. With `share` everybody who
 * registers a phone has it; with `move`, from the next time that it is new to whoever registers it, that one alone; and whoever registered
 * it while DEVICES was off keeps it beside others until their app is launched.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Attack } from "../attack.ts";
import type { Random } from "../random.ts";
import { type App, names } from "./app.ts";
import { atRest } from "./holders.ts";
import { MOVE } from "./serving.ts";
import { type Played, withApp } from "./with-app.ts";

const PHONES = 6;
const SWITCHES = 4;
const LAUNCHES_MAX = 3;

type Mode = "off" | "share" | "move";

export const modes: Attack = {
  name: "modes",
  shortRounds: 1,
  weight: 1,
  round: (seed, bundle) => withApp(seed, (played) => round(played, bundle)),
};

async function round({ app, serving, random, tally }: Played, bundle: string): Promise<void> {
  const phones = names("phone", PHONES).map((token) => new SharedPhone(token));
  let mode: Mode = random.pick(["off", "share", "move"]);
  for (let switches = 0; switches < SWITCHES; switches++) {
    await serving.start(bundle, { ...MOVE, DEVICES: mode === "off" ? "" : mode });
    tally.add(`with DEVICES ${mode}`);
    for (const phone of phones) {
      for (let launches = random.between(1, LAUNCHES_MAX); launches > 0; launches--) {
        await phone.change(app, random, mode);
      }
    }
    for (const phone of mode === "off" ? [] : phones) {
      app.lose((await atRest(() => phone.wrong(app))).map((loss) => `${loss}, with DEVICES=${mode}`));
    }
    await wait(random.between(0, 50));
    await serving.stop(random.pick(["SIGKILL", "SIGTERM"]));
    mode = random.pick((["off", "share", "move"] as const).filter((other) => other !== mode));
  }
}

/** Whether a user's endpoint is ACTIVE, and whether the Directory has heard of that. */
interface Holder {
  isActive: boolean;
  isKnown: boolean;
}

/** A phone, and what its users are to have of it. */
class SharedPhone {
  readonly #token: string;
  readonly #users = new Map<string, Holder>();

  constructor(token: string) {
    this.#token = token;
  }

  /** Somebody new registers it, or somebody who was there launches the app. */
  async change(app: App, random: Random, mode: Mode): Promise<void> {
    const known = [...this.#users.keys()];
    const user = known.length === 0 || random.next() < 0.5 ? `${this.#token}-user-${known.length}` : random.pick(known);
    await app.launch(user, this.#token);
    this.#launched(user, mode);
  }

  #launched(user: string, mode: Mode): void {
    const { isActive, isKnown } = this.#users.get(user) ?? { isActive: false, isKnown: false };
    if (isActive && (isKnown || mode === "off")) {
      return;
    }
    for (const other of mode === "move" ? this.#users.values() : []) {
      other.isActive &&= !other.isKnown;
    }
    this.#users.set(user, { isActive: true, isKnown: mode !== "off" });
  }

  async wrong(app: App): Promise<string[]> {
    const users = [...this.#users];
    const woken = await Promise.all(users.map(async ([user]) => ((await app.woken(user)).length > 0 ? [user] : [])));
    const found = `${woken.flat()} | ${(await app.lookUp(this.#token)).toSorted()}`;
    const active = users.filter(([, { isActive }]) => isActive);
    const told = active.filter(([, { isKnown }]) => isKnown).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const expected = [active, told].map((some) => some.map(([user]) => user)).join(" | ");
    return found === expected ? [] : [`${this.#token} wakes, and the Directory names: ${found}, not ${expected}`];
  }
}
