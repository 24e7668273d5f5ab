import { setTimeout } from "node:timers/promises";
import type { Workerd } from "../scripts/workerd/start.ts";
import { accountOf, openFiles } from "./load/account.ts";
import { pidOf, type Sample, sendAll } from "./load/send-all.ts";
import type { Step } from "./steps.ts";
import type { User, Wire } from "./wires.ts";

/** Longer than the 10 s that the runtime keeps an object awake. */
const SLEEP_MAX_MS = 20_000;

/** One Worker on a wire, in a process of its own: objects that it puts to sleep cost none of the others. */
export class Contestant {
  readonly name: string;
  readonly #workerd: Workerd;
  readonly #wire: Wire;
  readonly #filesAtRest: number;
  #users: readonly User[] = [];
  #cpuMicros = 0;

  constructor(name: string, workerd: Workerd, wire: Wire) {
    this.name = name;
    this.#workerd = workerd;
    this.#wire = wire;
    this.#filesAtRest = openFiles(pidOf(workerd));
  }

  /**
   * Plays the steps with users that nobody has had, once those of the round before have gone to sleep. The samples are
   * by the step's name; "sleep" is what putting them to sleep has cost, by the user.
   */
  async round(steps: readonly Step[], users: number, connections: number): Promise<Map<string, Partial<Sample>>> {
    const samples = new Map<string, Partial<Sample>>();
    const sleeping = this.#users;
    await this.#untilAsleep();
    if (sleeping.length > 0) {
      const cpuMicros = (accountOf(pidOf(this.#workerd)).cpuMicros - this.#cpuMicros) / sleeping.length;
      samples.set("sleep", { cpuMicros });
    }
    this.#users = Array.from({ length: users }, () => ({ arn: freshArn(), endpointId: "" }));
    for (const step of steps) {
      const whose = step.users === "new" ? this.#users : sleeping;
      const requests = await Promise.all(whose.map((user) => step.request(this.#wire, user)));
      if (requests.length === 0) {
        continue;
      }
      const { sample, answers } = await sendAll(this.#workerd, requests, connections, "ok");
      samples.set(step.name, sample);
      if (step.name === "new") {
        this.#users = whose.map(({ arn }, index) => ({ arn, endpointId: idIn(answers[index]?.body ?? "") }));
      }
    }
    this.#cpuMicros = accountOf(pidOf(this.#workerd)).cpuMicros;
    return samples;
  }

  stop(): Promise<void> {
    return this.#workerd.stop();
  }

  /** An object that is awake holds files open. */
  async #untilAsleep(): Promise<void> {
    const end = performance.now() + SLEEP_MAX_MS;
    while (openFiles(pidOf(this.#workerd)) > this.#filesAtRest + 3 && performance.now() < end) {
      await setTimeout(50);
    }
  }
}

let users = 0;
function freshArn(): string {
  users += 1;
  return `arn:aws:chime:us-east-1:123456789012:app-instance/b7c1f1f0-5b1c-4d6a-8d2b-1d2f5a1c0e77/user/bench-${users}`;
}

/** The id of an endpoint, a UUIDv7, in JSON or in protobuf alike; the floor's are not, and nobody asks for them. */
function idIn(body: string): string {
  return /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/.exec(body)?.[0] ?? "";
}
