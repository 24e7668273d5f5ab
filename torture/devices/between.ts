/**
 * Kills the server at each point between what a call does in its user's object, in the Directory and in the loser's object, and holds words up
 * until others have overtaken them. What a user's object has committed stays, though nobody else has heard of it; the same call made
 * again tells the rest; and in the end each phone has the user who named it last.
 */
import { type Attack, type Round, Tally } from "../attack.ts";
import { Random } from "../random.ts";
import type { Gate } from "../workers/gates.ts";
import { App, registration } from "./app.ts";
import { type Gates, gatedBundle, setGates, untilMet } from "./gates.ts";
import { endWith } from "./holders.ts";
import { MOVE, type Serving, withServing } from "./serving.ts";

export const between: Attack = {
  name: "between",
  shortRounds: 1,
  weight: 2,
  round: (seed) => withServing((serving) => round(new Random(seed), serving)),
};

/** Some phones and users, whom no other story knows, and what becomes of them. */
class Stage {
  readonly phone: string;
  readonly users: readonly string[];
  readonly alice: string;
  readonly bob: string;
  readonly carol: string;
  readonly app: App;
  readonly #serving: Serving;
  readonly #bundle: string;

  constructor(serving: Serving, bundle: string, app: App, name: string) {
    this.#serving = serving;
    this.#bundle = bundle;
    this.app = app;
    this.phone = `phone-${name}`;
    [this.alice, this.bob, this.carol] = [`alice-${name}`, `bob-${name}`, `carol-${name}`];
    this.users = [this.alice, this.bob, this.carol];
  }

  /** Answers the endpoint's id. */
  registers(user: string, clientRequestToken?: string): Promise<unknown> {
    return this.app.launch(user, this.phone, clientRequestToken);
  }

  gates(gates: Gates): Promise<void> {
    return setGates(this.#serving, gates);
  }

  met(gate: Gate): Promise<void> {
    return untilMet(this.#serving, gate);
  }

  /** Kills the server when a call has come to a gate, and starts it anew with all of them open. */
  async killedAt(gate: Gate, act: () => Promise<unknown>, gates: Gates = {}): Promise<void> {
    await this.gates({ ...gates, [gate]: "hold" });
    const acting = act();
    await this.met(gate);
    await this.#serving.stop();
    await acting;
    await this.#serving.start(this.#bundle, MOVE);
  }

  endsWith(holder: string | undefined, phone = this.phone): Promise<void> {
    return endWith(this.app, this.users, [phone], (_, found) => found === holder);
  }

  async isCommitted(user: string): Promise<void> {
    const statuses = await this.app.statuses(user);
    this.app.check(statuses.has(this.phone), "the Directory heard of what was not committed");
  }
}

type Story = (stage: Stage) => Promise<void>;

/** Bob takes Alice's phone, and his call comes no further than to a gate. */
const takenUntil =
  (gate: Gate): Story =>
  async (stage) => {
    const { app, alice, bob, phone } = stage;
    await stage.registers(alice);
    await stage.killedAt(gate, () => app.once(bob, "Register", registration(phone, "of-bob")));
    await stage.isCommitted(bob);
    await stage.registers(bob, "of-bob");
    await stage.endsWith(bob);
  };

/** Bob has taken Alice's phone, and she is being told. */
const toldUntil =
  (gate: Gate): Story =>
  async (stage) => {
    await stage.registers(stage.alice);
    await stage.killedAt(gate, () => stage.registers(stage.bob));
    await stage.endsWith(stage.bob);
  };

/** Alice has yet to hear that she has lost her phone, so that her launch writes nothing at first. */
const backUntil =
  (gate: Gate): Story =>
  async (stage) => {
    const { app, alice, bob, phone } = stage;
    await stage.registers(alice, "of-alice");
    await stage.gates({ "loseDevice before": "hold" });
    await stage.registers(bob);
    const launch = () => app.once(alice, "Register", registration(phone, "of-alice"));
    await stage.killedAt(gate, launch, { "loseDevice before": "hold" });
    await stage.registers(alice, "of-alice");
    await stage.endsWith(alice);
  };

const STORIES: Readonly<Record<string, Story>> = {
  "taken, not heard": takenUntil("tell before"),
  "taken, not answered": takenUntil("tell after"),
  "lost, not told": toldUntil("loseDevice before"),
  "lost, told": toldUntil("loseDevice after"),
  "back, not written": backUntil("writeNotHeld before"),
  "back, written": backUntil("writeNotHeld after"),
  "rotated, not heard": async (stage) => {
    const { app, alice, bob, phone } = stage;
    await stage.registers(alice);
    const endpointId = await app.launch(bob, `${phone}-old`);
    const members = { endpointId, endpointAttributes: { deviceToken: phone } };
    await stage.killedAt("tell before", () => app.once(bob, "Update", members));
    await stage.isCommitted(bob);
    await app.answered(bob, "Update", members);
    await stage.endsWith(bob);
    await stage.endsWith(undefined, `${phone}-old`);
  },
  "deregistered, not heard": async (stage) => {
    const { app, alice } = stage;
    const endpointId = await stage.registers(alice);
    await stage.killedAt("tell before", () => app.once(alice, "Deregister", { endpointId }));
    await app.answered(alice, "Deregister", { endpointId });
    await stage.endsWith(undefined);
  },
  "erased, not heard": async (stage) => {
    const { app, alice } = stage;
    await stage.registers(alice);
    await stage.killedAt("tell before", () => app.once(alice, "Erase"));
    await app.answered(alice, "Erase");
    await stage.endsWith(undefined);
  },
  "lost twice, answered once": async (stage) => {
    const { alice, bob, carol } = stage;
    await stage.registers(alice);
    await stage.gates({ "loseDevice after": "hold" });
    await stage.registers(bob);
    await stage.met("loseDevice after");
    await stage.registers(alice);
    await stage.registers(carol);
    await stage.gates({});
    await stage.endsWith(carol);
  },
  "back unheard, and taken since": async (stage) => {
    await backUnheard(stage);
    await stage.registers(stage.carol);
    await stage.gates({});
    await stage.endsWith(stage.carol);
  },
  "back unheard": async (stage) => {
    await backUnheard(stage);
    await stage.gates({});
    await stage.endsWith(stage.alice);
  },
};

/** Alice has named her phone again, of which the Directory does not hear but by her object's answer to her loss, which is held up. */
async function backUnheard(stage: Stage): Promise<void> {
  const { app, alice, bob, phone } = stage;
  const endpointId = await stage.registers(alice);
  await stage.gates({ "loseDevice before": "hold" });
  await stage.registers(bob);
  await stage.met("loseDevice before");
  await stage.gates({ "loseDevice before": "hold", "tell before": "lost" });
  const said = { endpointId, name: "back", endpointAttributes: { deviceToken: phone } };
  const unheard = await app.once(alice, "Update", said);
  app.check(unheard?.status === 503, `an update that was not told was answered ${unheard?.status}`);
  await stage.gates({ "loseDevice after": "hold" });
  await stage.met("loseDevice after");
}

async function round(random: Random, serving: Serving): Promise<Round> {
  const bundle = gatedBundle();
  const tally = new Tally();
  const losses: string[] = [];
  await serving.start(bundle, MOVE);
  for (const [name, story] of random.shuffled(Object.entries(STORIES))) {
    const app = new App(serving, random, tally);
    await story(new Stage(serving, bundle, app, name.replaceAll(/\W+/g, "-"))).catch((error) => app.lose([`${error}`]));
    await setGates(serving, {});
    losses.push(...app.losses.map((loss) => `${name}: ${loss}`));
    tally.add("stories");
  }
  return { counts: tally.counts, losses };
}
