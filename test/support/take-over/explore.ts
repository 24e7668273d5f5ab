import { violations } from "./check.ts";
import { clientSteps } from "./clients.ts";
import { alarmSteps } from "./directory.ts";
import { RULES, type Rules } from "./rules.ts";
import { servingSteps } from "./serving.ts";
import { firstState, type Scenario, type State, type Step } from "./state.ts";

/** What was found in all orders of all steps. */
export interface Explored {
  readonly states: number;
  /** States in which nothing can happen any more, but for faults. */
  readonly ends: number;
  /** Whether that is all there are. */
  readonly isComplete: boolean;
  /** Each violation with the shortest way to it. */
  readonly found: ReadonlyMap<string, readonly string[]>;
}

/** All that can happen next. */
export function stepsFrom(rules: Rules, scenario: Scenario, state: State): Step[] {
  const steps = [
    ...clientSteps(rules, scenario, state),
    ...servingSteps(rules, scenario, state),
    ...alarmSteps(rules, state),
  ];
  return state.faults > 0 ? steps : steps.filter(({ isFault }) => !isFault);
}

/** Walks through all states of a scenario, breadth first. */
export function explore(
  scenario: Scenario,
  {
    rules = RULES,
    statesMax = 1_000_000,
    untilFound = false,
  }: { rules?: Rules; statesMax?: number; untilFound?: boolean } = {},
): Explored {
  const first = firstState(scenario);
  const seen = new Set([hashOf(first)]);
  let states: Reached[] = [{ state: first }];
  const found = new Map<string, readonly string[]>();
  let ends = 0;
  while (states.length > 0 && seen.size < statesMax && !(untilFound && isAnyNew(found, scenario))) {
    const next: Reached[] = [];
    for (const reached of states) {
      const steps = stepsFrom(rules, scenario, reached.state);
      if (steps.every(({ isFault }) => isFault)) {
        ends++;
        note(found, violations(rules, scenario, reached.state), reached);
      }
      const from = trailOf(reached);
      for (const { label, take } of steps) {
        const state = take();
        const hash = hashOf(state);
        if (!seen.has(hash)) {
          seen.add(hash);
          next.push({ state, label, from });
        }
      }
    }
    states = next;
  }
  return { states: seen.size, ends, isComplete: states.length === 0, found };
}

/** Whether something was found besides what is known. */
function isAnyNew(found: ReadonlyMap<string, unknown>, { residue = [] }: Scenario): boolean {
  return [...found.keys()].some((violation) => !residue.includes(violation));
}

/** The way to a state; states themselves are not kept. */
interface Trail {
  readonly label?: string;
  readonly from?: Trail;
}

interface Reached extends Trail {
  readonly state: State;
}

function trailOf({ label, from }: Reached): Trail {
  return { ...(label !== undefined && { label }), ...(from && { from }) };
}

function note(found: Map<string, readonly string[]>, violations: readonly string[], reached: Reached): void {
  for (const violation of violations) {
    if (!found.has(violation)) {
      const trace: string[] = [];
      for (let at: Trail | undefined = reached; at?.label !== undefined; at = at.from) {
        trace.unshift(at.label);
      }
      found.set(violation, trace);
    }
  }
}

/** 53 bits of a state: two of a million states have the same once in ten thousand times. */
function hashOf(state: State): number {
  const text = JSON.stringify(state);
  let [a, b] = [0x811c9dc5, 0x1000193];
  for (let n = 0; n < text.length; n++) {
    const code = text.charCodeAt(n);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b + code, 0x85ebca6b) ^ (b >>> 15);
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}
