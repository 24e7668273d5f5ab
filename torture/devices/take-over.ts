/**
 * Many users race for the same phones, by registrations, launches and updates, in any order and over both wires; in half of the rounds the
 * server is killed in the middle, and whoever got no answer calls again. Each phone ends with one user, whom that user's resolve and the
 * Directory both name; and whoever is the last to launch has it.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Attack } from "../attack.ts";
import type { Random } from "../random.ts";
import { type App, names } from "./app.ts";
import { endWith, lastLaunches, somebody } from "./holders.ts";
import { MOVE } from "./serving.ts";
import { kill, type Played, withApp } from "./with-app.ts";

const USERS = { min: 16, max: 24 };
const PHONES = 6;
const KILLS_MAX = 2;

/** How far apart the calls come, and when the server is killed, in milliseconds. */
const ARRIVAL_MS = 40;
const KILL_MS = { min: 2, max: 250 };

export const takeOver: Attack = {
  name: "take-over",
  shortRounds: 2,
  weight: 3,
  round: (seed, bundle) => withApp(seed, (played) => round(played, bundle)),
};

async function round(played: Played, bundle: string): Promise<void> {
  const { app, serving, random, tally } = played;
  const users = names("user", random.between(USERS.min, USERS.max));
  const phones = names("phone", PHONES);
  await serving.start(bundle, MOVE);
  const before = await formerUsers(app, random, users, phones);
  const calls = phones.flatMap((phone) => users.map((user) => () => race(app, random, user, phone, before)));
  const racing = Promise.all(calls.map((call) => wait(random.between(0, ARRIVAL_MS)).then(call)));
  for (let kills = random.pick([0, random.between(1, KILLS_MAX)]); kills > 0; kills--) {
    await kill(played, bundle, KILL_MS);
  }
  await racing;
  tally.add("phones raced for", phones.length);
  await endWith(app, users, phones, somebody);
  await lastLaunches(app, random, users, phones);
}

/** Some have had the phones before, and lost them to one another. */
async function formerUsers(app: App, random: Random, users: readonly string[], phones: readonly string[]) {
  const former = new Map<string, string>();
  for (const phone of phones) {
    for (let n = random.between(0, 3); n > 0; n--) {
      const [user, requestToken] = [random.pick(users), app.requestToken()];
      await app.launch(user, phone, requestToken);
      former.set(`${user} ${phone}`, requestToken);
    }
  }
  return former;
}

/** One user goes for one phone: as ever, by a new endpoint, or by one that was another phone's. */
async function race(app: App, random: Random, user: string, phone: string, former: ReadonlyMap<string, string>) {
  const known = former.get(`${user} ${phone}`);
  if (known !== undefined || random.next() < 0.7) {
    await app.launch(user, phone, random.next() < 0.5 ? known : undefined);
    return;
  }
  const endpointId = await app.launch(user, `${phone}-of-${user}`);
  const { status } = await app.answered(user, "Update", { endpointId, endpointAttributes: { deviceToken: phone } });
  app.check(status === 200, `an update was answered ${status}`);
}
