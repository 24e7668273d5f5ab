/** Bugs that would be easy to make, each as the rules with it, and a scenario that must come to a bad end by it. */
import { claimedAtOf } from "../../../src/worker/core/directory/order.ts";
import { isLive } from "../../../src/worker/core/tombstone.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { explore } from "./explore.ts";
import { RULES, type Rules } from "./rules.ts";
import { SCENARIOS, type ScenarioName } from "./scenarios.ts";
import type { Scenario } from "./state.ts";

interface Planted {
  readonly rules: Partial<Rules>;
  readonly caughtBy: ScenarioName;
}

export const PLANTED: Readonly<Record<string, Planted>> = {
  "the Directory hears before the user's object commits": {
    rules: { commitsFirst: false },
    caughtBy: "two race",
  },
  "lastUpdatedAt is compared instead of deviceTokenAt": {
    rules: {
      loss: (rows, lost, keys, now) => RULES.loss(rows.map(updatedLast), lost, keys, now),
      withTells: (decided, before, keys) => {
        const heard = RULES.withTells(decided, before, keys);
        const rows = [...(decided.about ?? []), ...(heard.changes.put ?? [])];
        const updatedAt = (id: string) =>
          rows.filter(isLive).findLast(({ endpointId }) => endpointId === id)?.lastUpdatedAt;
        return { ...heard, tells: heard.tells.map((tell) => ({ ...tell, at: updatedAt(tell.endpointId) ?? tell.at })) };
      },
    },
    caughtBy: "a rename beside a take-over",
  },
  "a replay or a launch that writes nothing is not told": {
    rules: { withTells: (decided, before, keys) => RULES.withTells({ ...decided, about: [] }, before, keys) },
    caughtBy: "two race",
  },
  "a loser counts as told of whatever it lost since": {
    rules: { isTold: () => true },
    caughtBy: "an answer that is held back, in one millisecond",
  },
  "what the loser's object answers is believed uncompared": {
    rules: { comparesAnswers: false },
    caughtBy: "an answer to the alarm that is held back",
  },
  "erase drops the rows, and leaves no tombstones": {
    rules: {
      erase: (rows, now) => ({ ...RULES.erase(rows, now), put: [], drop: rows.map(({ endpointId }) => endpointId) }),
    },
    caughtBy: "erase the loser",
  },
  "a hold that is ignored is answered as held": {
    rules: {
      hold: (known, who, tell, circumstances) => {
        const held = RULES.hold(known, who, tell, circumstances);
        return held.put.length === 0 ? { put: [] } : held;
      },
    },
    caughtBy: "back by a stable request token",
  },
  "a call that does not hold its device succeeds all the same": {
    rules: { confirms: () => false },
    caughtBy: "back by a stable request token",
  },
  "such a call is written with the time that it is then, whoever came since": {
    rules: { confirms: () => true, confirmedAt: (_, now) => now },
    caughtBy: "back by a stable request token",
  },
  "a lost holding goes when its user is told": {
    rules: { remembersLost: false },
    caughtBy: "the winner deregisters, and the loser is back",
  },
  "a rotated endpoint does not remember its former device": {
    rules: {
      withTells: (decided, before, keys) => {
        const { changes, tells } = RULES.withTells(decided, before, keys);
        return { changes: { ...changes, put: (changes.put ?? []).map(withoutFormer) }, tells };
      },
    },
    caughtBy: "rotate",
  },
  "the purge releases nothing": { rules: { purgeReleases: false }, caughtBy: "erase beside registers" },
  "what was lost is believed again": {
    rules: {
      hold: ({ own, holders }, who, tell, circumstances) =>
        RULES.hold({ own: own?.isLost ? undefined : own, holders }, who, tell, circumstances),
    },
    caughtBy: "the winner deregisters, and the loser is back",
  },
  "a clock that is ahead wins until it is true": {
    rules: {
      hold: (known, who, tell, { mode }) => RULES.hold(known, who, tell, { mode, now: Number.MAX_SAFE_INTEGER }),
    },
    caughtBy: "a clock that is ahead",
  },
  "the loser is told when the winner named the device": {
    rules: {
      lostAt: (lost, others) => others.filter(({ isLost }) => !isLost).map(claimedAtOf)[0] ?? claimedAtOf(lost),
    },
    caughtBy: "a clock that is ahead",
  },
};

/** What its scenario comes to by a bug, and would not by the rules. */
export function violationsBy({ rules, caughtBy }: Planted): string[] {
  const scenario: Scenario = SCENARIOS[caughtBy];
  const { found } = explore(scenario, { rules: { ...RULES, ...rules }, untilFound: true });
  return [...found.keys()].filter((violation) => !scenario.residue?.includes(violation));
}

function updatedLast(row: Row): Row {
  return isLive(row) ? { ...row, deviceTokenAt: row.lastUpdatedAt } : row;
}

function withoutFormer(row: Row): Row {
  if (!isLive(row)) {
    return row;
  }
  const { formerDevice: _, ...rest } = row;
  return rest;
}
