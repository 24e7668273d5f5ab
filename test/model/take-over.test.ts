/** All scenarios of a device that changes hands, the bugs that only the long ones find, and random ones for as long as MODEL_SECONDS says. */
import { afterAll, describe, expect, it } from "vitest";
import { explore } from "../support/take-over/explore.ts";
import { PLANTED, violationsBy } from "../support/take-over/planted.ts";
import { play } from "../support/take-over/random.ts";
import { LONG, SCENARIOS } from "../support/take-over/scenarios.ts";
import type { Scenario } from "../support/take-over/state.ts";

const { MODEL_SECONDS = "60", SEED = "1" } = process.env;

const lines: string[] = [];
afterAll(() => console.log(lines.join("\n")));

describe("every order of all steps", () => {
  const scenarios: [string, Scenario][] = Object.entries(SCENARIOS);
  it.each(scenarios)("%s", { timeout: 600_000 }, (name, scenario) => {
    const { found, states, ends, isComplete } = explore(scenario);
    lines.push(`${name}${LONG.has(name) ? "" : " (in npm test)"} | ${states} states | ${ends} ends`);
    expect(Object.fromEntries([...found].filter(([violation]) => !scenario.residue?.includes(violation)))).toEqual({});
    expect(isComplete).toBe(true);
  });
});

describe("it is found out", () => {
  it.each(Object.entries(PLANTED).filter(([, { caughtBy }]) => LONG.has(caughtBy)))("that %s", (_, planted) => {
    expect(violationsBy(planted)).not.toEqual([]);
  });
});

describe("random scenarios in random orders", () => {
  const seconds = Number(MODEL_SECONDS) / 2;
  it.each(["move", "share"] as const)("DEVICES=%s", { timeout: seconds * 1_000 + 60_000 }, (mode) => {
    const until = Date.now() + seconds * 1_000;
    const { runs, steps, restless, found } = play(mode, () => Date.now() < until, { seed: Number(SEED) });
    lines.push(`random, ${mode} | ${runs} runs | ${steps} steps`);
    lines.push(...Array.from(found, ([kind, { count }]) => `    ${count} × ${kind}`));
    expect(restless).toBe(0);
    const bad = [...found].filter(([kind]) => !RARE.some((rare) => rare.test(kind)));
    expect(Object.fromEntries(bad)).toEqual({});
    // What the contract leaves is as rare as it says: calls of one user that overtake each other within milliseconds.
    const rare = [...found.values()].reduce((sum, { count }) => sum + count, 0);
    expect(rare / runs).toBeLessThan(0.001);
  });
});

/** A word that comes late, and calls of one user that overtake each other. */
const RARE = [/no such endpoint$/, /^(\*|nobody) holds \*, which only /];
