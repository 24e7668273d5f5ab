/** Random scenarios, each played once in a random order. */
import { violations } from "./check.ts";
import { stepsFrom } from "./explore.ts";
import { RULES, type Rules } from "./rules.ts";
import { type Call, firstState, type Scenario } from "./state.ts";

/** What came of some runs. */
export interface Played {
  readonly runs: number;
  readonly steps: number;
  /** How often it did not come to rest. */
  readonly restless: number;
  /** How often what was violated, by its sentence with the letters left out, and the shortest run of each. */
  readonly found: ReadonlyMap<string, { count: number; trace: readonly string[] }>;
}

/** No run of a few calls is as long, if it comes to rest at all. */
const STEPS_MAX = 400;

/** Plays random scenarios until it is told to stop. The same seed gives the same runs. */
export function play(
  mode: "move" | "share",
  goesOn: (runs: number) => boolean,
  { seed = 1, rules = RULES }: { seed?: number; rules?: Rules } = {},
): Played {
  const below = randomFrom(seed);
  const found = new Map<string, { count: number; trace: readonly string[] }>();
  let [runs, steps, restless] = [0, 0, 0];
  for (; goesOn(runs); runs++) {
    const scenario = randomScenario(below, mode);
    const { trace, bad } = run(rules, scenario, below);
    steps += trace.length;
    restless += bad === undefined ? 1 : 0;
    for (const sentence of bad ?? []) {
      const kind = sentence.replace(/\b[a-f]\b/g, "*").replaceAll("* and *", "*");
      const { count = 0, trace: shortest = trace } = found.get(kind) ?? {};
      found.set(kind, {
        count: count + 1,
        trace: trace.length <= shortest.length ? [...trace, `=> ${sentence}`] : shortest,
      });
    }
  }
  return { runs, steps, restless, found };
}

/** Undefined where it did not come to rest. */
function run(rules: Rules, scenario: Scenario, below: (n: number) => number) {
  const trace: string[] = [];
  let state = firstState(scenario);
  while (trace.length < STEPS_MAX) {
    const steps = stepsFrom(rules, scenario, state);
    if (steps.every(({ isFault }) => isFault)) {
      return { trace, bad: new Set(violations(rules, scenario, state)) };
    }
    const { label, take } = steps[below(steps.length)] ?? { label: "", take: () => state };
    trace.push(label);
    state = take();
  }
  return { trace, bad: undefined };
}

/** Two or three apps, each of which is one user's, and two devices at the most. Each registration has its own request token. */
function randomScenario(below: (n: number) => number, mode: "move" | "share"): Scenario {
  const users = ["a", "b", "c"].slice(0, 2 + below(2));
  const devices = ["d", "e"].slice(0, 1 + below(2));
  const clients = Array.from({ length: 2 + below(2) }, (_, client) =>
    Array.from({ length: 1 + below(3) }, (_, n): Call => {
      const user = users[client % users.length] ?? "a";
      const device = devices[below(devices.length)] ?? "d";
      const endpoint = `${user}${client}`;
      const chance = n === 0 ? 0 : below(10);
      if (chance < 5) {
        return { kind: "register", user, device, requestToken: `${client}.${n}`, endpoint };
      }
      return chance < 7
        ? { kind: "deregister", user, endpoint }
        : chance < 9
          ? { kind: "update", user, device, endpoint }
          : { kind: "erase", user };
    }),
  );
  return { users, devices, clients, mode, faults: below(4), retries: 4 };
}

/** Numbers below n, by a linear congruence. */
function randomFrom(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
