import { setTimeout } from "node:timers/promises";
import { freshUser } from "../calls/contestant.ts";
import type { User } from "../calls/wires.ts";
import type { Answer } from "../load/connection.ts";
import { requireStatus, type Sample, sendAllTo } from "../load/send-all.ts";
import type { Running } from "./peer.ts";
import { STEPS } from "./steps.ts";

/** What comes after an answer is counted too: a device's former user is told, a log is written. */
const AFTER_MS = 50;

export interface PeerSample extends Sample {
  /** The part of the calls that the server itself failed, by a status of 500 or more. */
  readonly failedShare: number;
}

/** What a round begins with: the users of the one before fall asleep. */
export const SLEEP = "sleep";

/** The samples of a round by the name of the step. */
export type Round = ReadonlyMap<string, PeerSample>;

/** Plays rounds with one server. */
export class Player {
  readonly #running: Running;
  readonly #users: number;
  readonly #connections: number;
  readonly #sleeps: boolean;
  #old: readonly User[] = [];

  /** Unless it sleeps, nobody waits for the objects of the round before to fall asleep. */
  constructor(
    running: Running,
    { users, connections, sleeps }: { users: number; connections: number; sleeps: boolean },
  ) {
    this.#running = running;
    this.#users = users;
    this.#connections = connections;
    this.#sleeps = sleeps;
  }

  /** Tells when each step is over, and that which comes before all of them. */
  async round(onSample: (step: string) => void = () => undefined): Promise<Round> {
    const { api, untilAsleep } = this.#running;
    const samples = new Map<string, PeerSample>();
    let fresh: User[] = Array.from({ length: this.#users }, freshUser);
    if (this.#sleeps) {
      await untilAsleep();
    }
    onSample(SLEEP);
    for (const { name, users, call } of STEPS) {
      const callers = users === "old" ? this.#old : fresh;
      if (callers.length === 0) {
        continue;
      }
      const requests = await Promise.all(callers.map((user) => call(api, user)));
      const sent = await sendAllTo(this.#running, requests, this.#connections, () => setTimeout(AFTER_MS));
      const { answers, failed } = await this.#again(requests, sent.answers);
      samples.set(name, { ...sent.sample, failedShare: failed / requests.length });
      if (name === "new") {
        fresh = fresh.map(({ arn }, n) => ({ arn, endpointId: api.idIn(answers[n] ?? NOTHING) }));
      }
      onSample(name);
    }
    this.#old = fresh;
    return samples;
  }

  /** Makes the calls again that the server has failed, as clients do, but alone and outside of the time that counts. */
  async #again(requests: readonly Uint8Array[], first: readonly Answer[]) {
    const failed = requests.filter((_, n) => isFailure(first[n]));
    const later = failed.length === 0 ? [] : (await sendAllTo(this.#running, failed, 1)).answers;
    const queue = later.values();
    const answers = first.map((answer) => (isFailure(answer) ? (queue.next().value ?? NOTHING) : answer));
    requireStatus("ok", answers);
    return { answers, failed: failed.length };
  }
}

export function isFailure(answer: Answer | undefined): boolean {
  return answer === undefined || answer.status >= 500;
}

const NOTHING = { status: 0, head: "", body: "" };
