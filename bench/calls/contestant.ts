import type { Workerd } from "../../src/serve/workerd/start.ts";
import { accountOf, openFiles } from "../load/account.ts";
import { untilAsleep } from "../load/asleep.ts";
import type { Answer } from "../load/connection.ts";
import { othersThan, pidOf, requireStatus, type Sample, sendAll } from "../load/send-all.ts";
import type { Step } from "./steps.ts";
import type { User, Wire } from "./wires.ts";

/** How many users are called within much less than a second. */
const SOME = 50;

/** How often one user is called again, at least: few enough of so many are served. */
const REPEATED_MIN = 100;

/** The part of the calls that may be served all the same, on a machine that was slow for a moment. */
const SERVED_MAX = 0.05;

export interface Contestant {
  readonly name: string;
  /** What others are compared with: it answers every call with a 2xx. */
  readonly isBaseline: boolean;
  /** The name of the bare steps over the same wire, with which it is compared besides. */
  readonly bare?: string;
  readonly wire: Wire;
  readonly steps: readonly Step[];
}

/** What a round came to, by the name of the step; "sleep" is what it cost, by the user, to put objects to sleep. */
export type RoundSamples = Map<string, Partial<Sample>>;

/** One Worker on a wire, in a process of its own: objects that it puts to sleep cost none of the others. */
export class Runner {
  readonly contestant: Contestant;
  readonly #workerd: Workerd;
  readonly #filesAtRest: number;
  #sleeping: readonly User[] = [];
  #cpuMicros = 0;

  constructor(contestant: Contestant, workerd: Workerd) {
    this.contestant = contestant;
    this.#workerd = workerd;
    this.#filesAtRest = openFiles(pidOf(workerd));
  }

  /** Plays the steps with users that nobody has had, once those of the round before have gone to sleep. */
  async round(users: number, connections: number): Promise<RoundSamples> {
    const { steps, wire, isBaseline } = this.contestant;
    const samples = new Map<string, Partial<Sample>>();
    await untilAsleep(this.#workerd, this.#filesAtRest);
    if (this.#sleeping.length > 0 && steps.some(({ name }) => name === "new")) {
      samples.set("sleep", { cpuMicros: (this.#account() - this.#cpuMicros) / this.#sleeping.length });
    }
    let fresh = Array.from({ length: users }, freshUser);
    for (const { name, call, device, users: whose, expects } of steps) {
      const callers = { sleeping: this.#sleeping, new: fresh, some: fresh.slice(0, SOME), one: repeated(fresh) }[whose];
      const request = wire[call];
      if (request === undefined || callers.length === 0) {
        continue;
      }
      const requests = await Promise.all(callers.map((user) => request(user, device)));
      const { sample, answers } = await sendAll(this.#workerd, requests, connections);
      if (areAsExpected(answers, isBaseline ? "ok" : expects)) {
        samples.set(name, sample);
      }
      if (name === "new") {
        fresh = fresh.map(({ arn }, index) => ({ arn, endpointId: idIn(answers[index]?.body ?? "") }));
      }
    }
    this.#sleeping = fresh;
    this.#cpuMicros = this.#account();
    return samples;
  }

  stop(): Promise<void> {
    return this.#workerd.stop();
  }

  #account(): number {
    return accountOf(pidOf(this.#workerd)).cpuMicros;
  }
}

/** Throws where they are not. A refusal for a rate ends by itself: where too many were served again, there is no sample. */
function areAsExpected(answers: readonly Answer[], expects: Step["expects"]): boolean {
  if (expects === 429) {
    return othersThan(expects, answers).length <= answers.length * SERVED_MAX;
  }
  requireStatus(expects, answers);
  return true;
}

let users = 0;
export function freshUser(): User {
  users += 1;
  const arn = `arn:aws:chime:us-east-1:123456789012:app-instance/b7c1f1f0-5b1c-4d6a-8d2b-1d2f5a1c0e77/user/bench-${users}`;
  return { arn, endpointId: "" };
}

function repeated(users: readonly User[]): User[] {
  return Array.from({ length: Math.max(users.length, REPEATED_MIN) }, () => users.slice(0, 1)).flat();
}

/** The id of an endpoint, a UUIDv7, in JSON or in protobuf alike; the floor's are not, and nobody asks for them. */
export function idIn(body: string): string {
  return /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/.exec(body)?.[0] ?? "";
}
