/**
 * The Directory is lost, slow, stopped in the middle, or of another release, while users race for phones, of whom some hang up. Whoever is
 * answered 503 is told how long to wait, finds the endpoint registered, and makes the same call again: once the Directory is back, each phone
 * has one user.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Attack, type Round, Tally } from "../attack.ts";
import { Random } from "../random.ts";
import type { Behaviour, Gate } from "../workers/gates.ts";
import { App, atRest, registration, wrongHolders } from "./app.ts";
import { gatedBundle, setGates } from "./gates.ts";
import { MOVE, type Serving, withServing } from "./serving.ts";

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
  round: (seed) => withServing((serving) => round(new Random(seed), serving)),
};

async function round(random: Random, serving: Serving): Promise<Round> {
  const tally = new Tally();
  const app = new App(serving, random, tally);
  const users = Array.from({ length: USERS }, (_, n) => `user-${n}`);
  const phones = Array.from({ length: PHONES }, (_, n) => `phone-${n}`);
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
  app.lose(...(await atRest(() => wrongHolders(app, users, phones, () => true))));
  for (const phone of phones) {
    await goFor(app, random.pick(users), phone);
  }
  app.lose(...(await atRest(() => wrongHolders(app, users, phones, (_, holder) => holder !== undefined))));
  return { counts: tally.counts, losses: app.losses };
}

/** Registers, and where that is answered 503, looks whether it is registered before the call is made again. */
async function goFor(app: App, user: string, phone: string, hangsUpMs?: number): Promise<void> {
  const members = registration(phone, app.requestToken());
  const first = await app.once(user, "Register", members, hangsUpMs);
  if (first?.status === 503) {
    const statuses = await app.statuses(user);
    app.lose(...(statuses.has(phone) ? [] : ["a registration was answered 503, and there is no endpoint"]));
  }
  const { status } = first?.status === 200 ? first : await app.answered(user, "Register", members);
  app.lose(...(status === 200 ? [] : [`a registration was answered ${status}`]));
}
