/**
 * Many users race for the same phones, by registrations, launches and updates, in any order and over both wires; in half of the rounds the
 * server is killed in the middle, and whoever got no answer calls again. Each phone ends with one user, whom that user's resolve and the
 * Directory both name; and whoever is the last to launch has it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Attack, type Round, Tally } from "../attack.ts";
import { Random } from "../random.ts";
import { App, atRest, wrongHolders } from "./app.ts";
import { MOVE, type Serving, withServing } from "./serving.ts";

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
  round: (seed, bundle) => withServing((serving) => round(new Random(seed), bundle, serving)),
};

async function round(random: Random, bundle: string, serving: Serving): Promise<Round> {
  const tally = new Tally();
  const app = new App(serving, random, tally);
  const users = Array.from({ length: random.between(USERS.min, USERS.max) }, (_, n) => `user-${n}`);
  const phones = Array.from({ length: PHONES }, (_, n) => `phone-${n}`);
  await serving.start(bundle, MOVE);
  const before = await formerUsers(app, random, users, phones);
  const calls = phones.flatMap((phone) => users.map((user) => () => race(app, random, user, phone, before)));
  const racing = Promise.all(calls.map((call) => wait(random.between(0, ARRIVAL_MS)).then(call)));
  for (let kills = random.pick([0, random.between(1, KILLS_MAX)]); kills > 0; kills--) {
    await wait(random.between(KILL_MS.min, KILL_MS.max));
    await serving.stop();
    await serving.start(bundle, MOVE);
    tally.add("kills");
  }
  for (const status of await racing) {
    app.lose(...(status === 200 ? [] : [`a call for a phone was answered ${status}`]));
  }
  tally.add("phones raced for", phones.length);
  app.lose(...(await atRest(() => wrongHolders(app, users, phones, (_, holder) => holder !== undefined))));
  await lastLaunches(app, random, users, phones);
  return { counts: tally.counts, losses: app.losses };
}

/** Some have had the phones before, and lost them to one another. */
async function formerUsers(app: App, random: Random, users: readonly string[], phones: readonly string[]) {
  const former = new Map<string, string>();
  for (const phone of phones) {
    for (let n = random.between(0, 3); n > 0; n--) {
      const [user, requestToken] = [random.pick(users), app.requestToken()];
      await app.register(user, phone, requestToken);
      former.set(`${user} ${phone}`, requestToken);
    }
  }
  return former;
}

/** One user goes for one phone, and answers with which status that ended. */
async function race(
  app: App,
  random: Random,
  user: string,
  phone: string,
  former: ReadonlyMap<string, string>,
): Promise<number> {
  const known = former.get(`${user} ${phone}`);
  if (known !== undefined && random.next() < 0.5) {
    return (await app.register(user, phone, known)).status;
  }
  if (known === undefined && random.next() < 0.3) {
    const { body } = await app.register(user, `${phone}-of-${user}`);
    return (await app.rotate(user, body.endpointId, phone)).status;
  }
  return (await app.register(user, phone)).status;
}

/** One after the other, somebody launches the app on each phone, and has it from then on. */
async function lastLaunches(app: App, random: Random, users: readonly string[], phones: readonly string[]) {
  const last = new Map<string, string>();
  for (const phone of phones) {
    const user = random.pick(users);
    const { status } = await app.register(user, phone);
    app.lose(...(status === 200 ? [] : [`a launch was answered ${status}`]));
    last.set(phone, user);
  }
  app.lose(...(await atRest(() => wrongHolders(app, users, phones, (phone, holder) => holder === last.get(phone)))));
}
