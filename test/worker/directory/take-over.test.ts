/**
 * Take-over, by the decisions of users' objects and of the Directory themselves: every order of a few calls, with a Worker that dies, a
 * client that hangs up or a shard that is not reached at any step. The long scenarios are the suite `model`.
 */
import { describe, expect, it } from "vitest";
import { explore } from "../../support/take-over/explore.ts";
import { PLANTED, violationsBy } from "../../support/take-over/planted.ts";
import { play } from "../../support/take-over/random.ts";
import { LONG, SCENARIOS } from "../../support/take-over/scenarios.ts";
import type { Scenario } from "../../support/take-over/state.ts";

const scenarios: [string, Scenario][] = Object.entries(SCENARIOS);

describe("a device that changes hands", () => {
  it.each(scenarios.filter(([name]) => !LONG.has(name)))("has one lawful holder in the end: %s", (_, scenario) => {
    const { found, ends, isComplete } = explore(scenario);
    expect(Object.fromEntries([...found].filter(([violation]) => !scenario.residue?.includes(violation)))).toEqual({});
    expect([...found.keys()].toSorted()).toEqual((scenario.residue ?? []).toSorted());
    expect({ isComplete, ends }).toEqual({ isComplete: true, ends: expect.toSatisfy((count) => count > 0) });
  });

  it.each(["move", "share"] as const)("comes to rest whatever happens, with DEVICES=%s", (mode) => {
    const { restless, found } = play(mode, (runs) => runs < 1_000);
    expect(restless).toBe(0);
    expect([...found.keys()].filter((kind) => !RARE.has(kind))).toEqual([]);
  });
});

/** What the contract leaves: a word that comes late, and calls of one user that overtake each other. */
const RARE = new Set([
  "the Directory names * for *, who has no such endpoint",
  "* holds *, which only * or nobody could",
]);

describe("it is found out", () => {
  it.each(Object.entries(PLANTED).filter(([, { caughtBy }]) => !LONG.has(caughtBy)))("that %s", (_, planted) => {
    expect(violationsBy(planted)).not.toEqual([]);
  });
});
