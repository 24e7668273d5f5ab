/**
 * The server is killed while it tells a receiver of events, which refuses, redirects, is slow or never answers for a while. Every change is
 * told in the end, by one event; a batch that comes again is the same batch; and whoever loses a phone hears of it at once, however long the
 * receiver takes.
 */
import { setTimeout as wait } from "node:timers/promises";
import { eventsIn, SECRET } from "../../test/support/receiver.ts";
import { type Behaviour, type Receiver, receiver } from "../../test/support/receiving.ts";
import { type Attack, type Round, Tally } from "../attack.ts";
import { Random } from "../random.ts";
import { App, names } from "./app.ts";
import { atRest } from "./holders.ts";
import { MOVE, type Serving, withServing } from "./serving.ts";

const PHONES = 5;
const CHANGES = 8;
const USERS_OF_A_PHONE = 3;
const BEHAVIOURS: readonly Behaviour[] = [204, 500, 307, "slow", "nothing"];
const KILL_MS = { min: 100, max: 1_500 };

/** Less than the receiver is given to answer. */
const TOLD_MAX_MS = 9_000;

export const events: Attack = {
  name: "events",
  shortRounds: 1,
  weight: 2,
  round: (seed, bundle) => withServing((serving) => round(new Random(seed), bundle, serving)),
};

async function round(random: Random, bundle: string, serving: Serving): Promise<Round> {
  const tally = new Tally();
  const app = new App(serving, random, tally);
  const to = await receiver();
  try {
    const variables = { ...MOVE, EVENTS_URL: to.url, EVENTS_SECRETS: JSON.stringify([SECRET]) };
    await serving.start(bundle, variables);
    to.behaviour = random.pick(BEHAVIOURS);
    tally.add(`receiver: ${to.behaviour}`);
    const phones = names("phone", PHONES).map((token) => new WatchedPhone(token, app));
    const lives = Promise.all(phones.map((phone) => phone.live(random)));
    await wait(random.between(KILL_MS.min, KILL_MS.max));
    await serving.stop();
    await serving.start(bundle, variables);
    await lives;
    to.behaviour = 204;
    const told = phones.flatMap(({ expected }) => [...expected]);
    app.lose(await atRest(async () => wrongEvents(to, told)));
    app.lose(changedBatches(to));
    tally.add("events", idsIn(to).size);
    tally.add("batches", to.received.length);
    return {
      counts: tally.counts,
      samples: { "ms until a loser hears": phones.flatMap(({ heardMs }) => heardMs) },
      losses: app.losses,
    };
  } finally {
    await to.close();
  }
}

/** How often something is told: what a call has written is told at least by its retry, and what only its answer knew of maybe not. */
interface Expected {
  min: number;
  max: number;
}

/** A phone of a few users, whose life is a series of calls. */
class WatchedPhone {
  /** By what events are about: "moved e1". */
  readonly expected = new Map<string, Expected>();
  readonly heardMs: number[] = [];
  readonly #token: string;
  readonly #app: App;
  readonly #endpoints = new Map<string, string>();
  #holder: string | undefined;
  #names = 0;

  constructor(token: string, app: App) {
    this.#token = token;
    this.#app = app;
  }

  async live(random: Random): Promise<void> {
    for (let n = 0; n < CHANGES; n++) {
      const chance = random.next();
      if (this.#holder === undefined || chance < 0.6) {
        await this.#launch(`${this.#token}-user-${random.between(1, USERS_OF_A_PHONE)}`);
      } else if (chance < 0.75) {
        await this.#rename(this.#holder);
      } else {
        await this.#leave(this.#holder, random.pick(["Deregister", "Erase"]));
      }
    }
  }

  async #launch(user: string): Promise<void> {
    const endpointId = await this.#app.launch(user, this.#token);
    const former = this.#holder;
    const known = this.#endpoints.get(user);
    if (known === undefined) {
      this.#expect("registered", endpointId);
    } else if (user !== former) {
      this.#expect("reactivated", endpointId);
    }
    this.#endpoints.set(user, String(endpointId));
    this.#holder = user;
    if (former !== undefined && former !== user) {
      this.#expect("moved", this.#endpoints.get(former));
      await this.#hears(former);
    }
  }

  /** The receiver may take as long as it likes. */
  async #hears(loser: string): Promise<void> {
    const began = performance.now();
    while ((await this.#app.woken(loser)).length > 0) {
      if (performance.now() - began > TOLD_MAX_MS) {
        this.#app.lose([`a loser has not heard of it in ${TOLD_MAX_MS / 1_000} s`]);
        return;
      }
      await wait(5);
    }
    this.heardMs.push(performance.now() - began);
  }

  async #rename(user: string): Promise<void> {
    this.#names += 1;
    const endpointId = this.#endpoints.get(user);
    const members = { endpointId, name: `name-${this.#names}` };
    const first = await this.#app.once(user, "Update", members);
    if (first?.status !== 200) {
      await this.#app.answered(user, "Update", members);
    }
    // Its retry writes nothing.
    this.#expect("updated", endpointId, first?.status === 200 ? 1 : 0);
  }

  async #leave(user: string, operation: "Deregister" | "Erase"): Promise<void> {
    const endpointId = this.#endpoints.get(user);
    await this.#app.answered(user, operation, operation === "Erase" ? {} : { endpointId });
    this.#expect("deregistered", endpointId);
    this.#endpoints.delete(user);
    this.#holder = undefined;
    if (operation === "Erase") {
      this.#expect("erased", user);
    }
  }

  #expect(change: string, about: unknown, least: 0 | 1 = 1): void {
    const { min, max } = this.expected.get(`${change} ${about}`) ?? { min: 0, max: 0 };
    this.expected.set(`${change} ${about}`, { min: min + least, max: max + 1 });
  }
}

/** Whose events are lost, or were told by two. */
function wrongEvents(to: Receiver, told: readonly [what: string, expected: Expected][]): string[] {
  const counts = new Map<string, number>();
  for (const what of idsIn(to).values()) {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const wrong = told.filter(([what, { min, max }]) => {
    const times = counts.get(what) ?? 0;
    return times < min || times > max;
  });
  const expected = new Set(told.map(([what]) => what));
  return [
    ...wrong.map(([what, { min, max }]) => `${what} was told ${counts.get(what) ?? 0} times, not ${min} to ${max}`),
    ...[...counts.keys()].filter((what) => !expected.has(what)).map((what) => `${what} was told, and was not so`),
  ];
}

/** What each event says, by its id. */
function idsIn({ received }: Receiver): Map<string, string> {
  return new Map(
    received
      .flatMap((batch) => eventsIn(batch))
      .map(({ id, type, subject, data }) => {
        const change = type.slice(type.lastIndexOf(".") + 1);
        const user = data?.AppInstanceUserArn?.split("/").at(-1);
        return [id, `${change} ${change === "erased" ? user : subject}`];
      }),
  );
}

function changedBatches({ received }: Receiver): string[] {
  const byId = Map.groupBy(received, ({ headers }) => headers["webhook-id"]);
  return [...byId.values()]
    .filter((batches) => new Set(batches.map(({ body }) => body)).size > 1)
    .map(() => "a batch came again with something else in it");
}
