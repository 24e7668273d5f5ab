/**
 * The Directory is lost, slow, stopped in the middle, or of another release, while users race for phones, of whom some hang up. Whoever is
 * answered 503 is told how long to wait, finds the endpoint registered, and makes the same call again: once the Directory is back, each phone
 * has one user.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Attack } from "../attack.ts";
import type { Behaviour, Gate } from "../workers/gates.ts";
import { type App, names, registration } from "./app.ts";
import { gatedBundle, setGates } from "./gates.ts";
import { anybody, endWith, lastLaunches } from "./holders.ts";
import { MOVE } from "./serving.ts";
import { type Played, withApp } from "./with-app.ts";

const BEHAVIOURS: readonly Behaviour[] = ["lost", "slow", "reset", "other release"];
const GATES: readonly Gate[] = [
  ...(["tell before", "tell after", "tell before", "tell after"] as const),
  ...(["loseDevice before", "loseDevice after", "writeNotHeld before", "writeNotHeld after"] as const),
];

const FAULTS_PER_ROUND = 3;
const FAULT_MS = { min: 50, max: 400 };
const HANGS_UP_MS = [5, 300] as const;
const USERS = 8;
const PHONES = 4;

export const unreachable: Attack = {
  name: "unreachable",
  shortRounds: 1,
  weight: 2,
  round: (seed) => withApp(seed, round),
};

async function round({ app, serving, random, tally }: Played): Promise<void> {
  const users = names("user", USERS);
  const phones = names("phone", PHONES);
  await serving.start(gatedBundle(), MOVE);
  for (let faults = 0; faults < FAULTS_PER_ROUND; faults++) {
    const [gate, behaviour] = [random.pick(GATES), random.pick(BEHAVIOURS)];
    await setGates(serving, { [gate]: behaviour });
    const racing = Promise.all(
      phones.flatMap((phone) =>
        users
          .filter(() => random.next() < 0.5)
          .map((user) => goFor(app, user, phone, random.pick([undefined, random.between(...HANGS_UP_MS)]))),
      ),
    );
    await wait(random.between(FAULT_MS.min, FAULT_MS.max));
    await setGates(serving, {});
    await racing;
    tally.add(`faults: ${behaviour}`);
  }
  await endWith(app, users, phones, anybody);
  await lastLaunches(app, random, users, phones);
}

/** Registers, and where that is answered 503, looks whether it is registered; then the call is made again, as if there had been no answer. */
async function goFor(app: App, user: string, phone: string, hangsUpMs: number | undefined): Promise<void> {
  const requestToken = app.requestToken();
  const first = await app.once(user, "Register", registration(phone, requestToken), hangsUpMs);
  if (first?.status === 503) {
    const statuses = await app.statuses(user);
    app.check(statuses.has(phone), "a registration was answered 503, and there is no endpoint");
  }
  await app.launch(user, phone, requestToken);
}
