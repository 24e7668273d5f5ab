/**
 * What a sender's calls about many users cost, what an app's launches cost besides registrations, and what a Directory adds to each.
 * Over REST.
 */
import { type Quartiles, quartiles } from "../../../scripts/spread.ts";
import type { Bundles } from "../../bundles.ts";
import { freshUser, idIn } from "../../calls/contestant.ts";
import { restWire } from "../../calls/wires.ts";
import { untilAsleep } from "../../load/asleep.ts";
import { requireStatus, sendAll } from "../../load/send-all.ts";
import { shuffled } from "../../load/shuffled.ts";
import { ASLEEP, AWAKE, type Case, NEW, REGISTER, type Registered } from "./cases.ts";
import { startVariants, type Variant, WITHOUT } from "./variants.ts";

const CONNECTIONS = 8;

/** One of the cases, by the user. */
export interface SenderResult {
  readonly name: string;
  readonly title: string;
  /** What it takes the place of. */
  readonly to: string;
  readonly cpuMicros: Quartiles;
  /** Of one call. */
  readonly p50Millis: Quartiles;
  /** Processor time, to that of the other in the same round. */
  readonly ratio: Quartiles;
  /** Processor time, to that of the same case without a Directory in the same round, and that of all rounds together. */
  readonly toWithout: Quartiles & { readonly mean: number };
}

export interface Senders {
  readonly rounds: number;
  readonly users: number;
  /** Of each variant, the one without a Directory first. */
  readonly variants: readonly { readonly name: string; readonly results: readonly SenderResult[] }[];
}

export interface SendersOptions {
  readonly rounds: number;
  readonly warmUps: number;
  /** In a round: two batches of them. */
  readonly users: number;
  /** The bundle of an earlier build. */
  readonly base?: string;
  readonly tell: (progress: string) => void;
}

/** Processor time by the user, and the time of a call, of each case in a round. */
type Round = ReadonlyMap<string, { cpuMicros: number; p50Millis: number }>;

export async function measureSenders(
  bundles: Bundles,
  { rounds, warmUps, users, base, tell }: SendersOptions,
): Promise<Senders> {
  const variants = await startVariants(bundles, base);
  try {
    const players = variants.map((variant) => ({ variant, player: new Player(variant, users), played: [] as Round[] }));
    for (let n = -warmUps; n < rounds; n++) {
      for (const { variant, player, played } of shuffled(players)) {
        tell(`senders, ${n < 0 ? "warming up" : `round ${n + 1} of ${rounds}`}: ${variant.name}`);
        const round = await player.round();
        if (n >= 0) {
          played.push(round);
        }
      }
    }
    const without = players.find(({ variant }) => variant.name === WITHOUT)?.played ?? [];
    const results = players.map(({ variant, played }) => ({ name: variant.name, results: resultsOf(played, without) }));
    return { rounds, users, variants: results };
  } finally {
    await Promise.all(variants.map(({ stop }) => stop()));
  }
}

class Player {
  readonly #variant: Variant;
  readonly #users: number;
  #sleeping: readonly Registered[] = [];

  constructor(variant: Variant, users: number) {
    this.#variant = variant;
    this.#users = users;
  }

  /** Plays all cases with users that nobody has had, but for those who sleep. */
  async round(): Promise<Round> {
    const { workerd, filesAtRest, namespaces } = this.#variant;
    const round = new Map<string, { cpuMicros: number; p50Millis: number }>();
    const play = async (name: string, each: Case, users: readonly Registered[]) => {
      const played = await this.#play(each, users);
      if (played !== undefined) {
        const { cpuMicros, p50Millis } = played.sample;
        const callsPerUser = each.callsPerUser === "batch" ? 2 / this.#users : each.callsPerUser;
        round.set(name, { cpuMicros: cpuMicros * callsPerUser, p50Millis });
      }
      return played?.answers.map(({ body }) => idIn(body)) ?? [];
    };
    if (this.#sleeping.length > 0) {
      await untilAsleep(workerd, filesAtRest, namespaces);
      for (const [name, each] of Object.entries(ASLEEP)) {
        await play(name, each, this.#sleeping);
      }
    }
    let users: Registered[] = Array.from({ length: this.#users }, freshUser).map((user) => ({ ...user, second: user }));
    for (const [name, each] of Object.entries(AWAKE)) {
      const ids = await play(name, each, users);
      if (name === NEW) {
        users = users.map((user, n) => ({ ...user, endpointId: ids[n] ?? "" }));
      } else if (name === REGISTER) {
        users = users.map((user, n) => ({ ...user, second: { arn: user.arn, endpointId: ids[n] ?? "" } }));
      }
    }
    this.#sleeping = users;
    return round;
  }

  /** Undefined where the variant has no part in it. */
  async #play(each: Case, users: readonly Registered[]) {
    const { requests, callsPerUser } = each;
    const { workerd, settled, plays } = this.#variant;
    if (!plays(each)) {
      return undefined;
    }
    const bytes = await Promise.all(requests(restWire(workerd.url), users));
    const sent = await sendAll(workerd, bytes, callsPerUser === "batch" ? 1 : CONNECTIONS, settled);
    requireStatus("ok", sent.answers);
    const unserved = sent.answers.find(({ body }) => body.includes('"Errors":[{'));
    if (unserved !== undefined) {
      throw new Error(`not all users were served: ${unserved.body}`);
    }
    return sent;
  }
}

function resultsOf(own: readonly Round[], without: readonly Round[]): SenderResult[] {
  const figures = (rounds: readonly Round[], name: string, of: "cpuMicros" | "p50Millis" = "cpuMicros") =>
    rounds.map((round) => round.get(name)?.[of] ?? Number.NaN);
  const ratios = (values: readonly number[], others: readonly number[]) =>
    quartiles(values.map((value, n) => value / (others[n] ?? Number.NaN)));
  return [...Object.entries(ASLEEP), ...Object.entries(AWAKE)]
    .filter(([name]) => own.every((round) => round.has(name)))
    .map(([name, { title, to }]) => {
      const cpu = figures(own, name);
      const base = figures(without, name);
      return {
        ...{ name, title, to },
        cpuMicros: quartiles(cpu),
        p50Millis: quartiles(figures(own, name, "p50Millis")),
        ratio: ratios(cpu, figures(own, to)),
        toWithout: { ...ratios(cpu, base), mean: sum(cpu) / sum(base) },
      };
    });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
