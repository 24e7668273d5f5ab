/**
 * Users are erased while they and others register the same phones; in half of the rounds the server is killed in the middle. In the end a
 * phone wakes nobody, or one user, and the Directory names exactly that one; and who is erased again when all is quiet has nothing.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Attack, Tally } from "../attack.ts";
import type { Random } from "../random.ts";
import { type App, names } from "./app.ts";
import { anybody, endWith } from "./holders.ts";
import { MOVE } from "./serving.ts";
import { kill, type Played, withApp } from "./with-app.ts";

const USERS = 6;
const PHONES = 5;
const CALLS = 60;
const ARRIVAL_MS = 300;
const KILL_MS = { min: 20, max: 250 };

export const erase: Attack = {
  name: "erase",
  shortRounds: 2,
  weight: 2,
  round: (seed, bundle) => withApp(seed, (played) => round(played, bundle)),
};

async function round(played: Played, bundle: string): Promise<void> {
  const { app, serving, random, tally } = played;
  const users = names("user", USERS);
  const phones = names("phone", PHONES);
  await serving.start(bundle, MOVE);
  const racing = Promise.all(
    Array.from({ length: CALLS }, async () => {
      await wait(random.between(0, ARRIVAL_MS));
      await act(app, random, users, phones, tally);
    }),
  );
  if (random.next() < 0.5) {
    await kill(played, bundle, KILL_MS);
  }
  await racing;
  await endWith(app, users, phones, anybody);
  // Whoever registers now has it, and whoever is erased now has nothing, whatever of the above comes late.
  const [erased, ...others] = random.shuffled(users);
  const last = new Map(phones.map((phone) => [phone, random.pick(others)]));
  for (const [phone, user] of last) {
    await app.launch(String(erased), phone);
    await app.launch(user, phone);
  }
  await app.answered(String(erased), "Erase");
  await endWith(app, users, phones, (phone, holder) => holder === last.get(phone));
  const left = await app.statuses(String(erased));
  app.check(left.size === 0, `a user who was erased has ${left.size} endpoints`);
}

async function act(app: App, random: Random, users: readonly string[], phones: readonly string[], tally: Tally) {
  const user = random.pick(users);
  if (random.next() < 0.25) {
    const { status } = await app.answered(user, "Erase");
    tally.add("erasures");
    app.check(status === 200, `an erasure was answered ${status}`);
  } else {
    // Refused where an erasure came between a registration and its retry.
    const { status } = await app.register(user, random.pick(phones), app.requestToken());
    app.check(status === 200 || status === 409, `a registration was answered ${status}`);
  }
}
