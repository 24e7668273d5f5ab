/** What must be true when everything that was under way has come to rest. */
import type { Endpoint } from "../../../src/worker/model/endpoint.ts";
import { allPurged } from "./clients.ts";
import { holdingsIn } from "./directory.ts";
import { lawfulHolders } from "./lawful.ts";
import type { Rules } from "./rules.ts";
import { type Call, callAt, type Scenario, type State } from "./state.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** What is not as it must be, as sentences. Whatever expires has done so. */
export function violations(rules: Rules, scenario: Scenario, atRest: State): string[] {
  const state = allPurged(rules, scenario, { ...atRest, now: atRest.now + 2 * DAY_MS });
  const isSettled = scenario.isFinal || Object.values(state.calls).every(({ answer }) => answer !== undefined);
  return [
    ...scenario.devices.flatMap((device) => (isSettled ? deviceViolations(scenario, state, device) : [])),
    ...scenario.devices.flatMap((device) => twice(scenario, state, device)),
    ...erasedViolations(scenario, state),
  ];
}

function deviceViolations(scenario: Scenario, state: State, device: string): string[] {
  const active = scenario.users.filter((user) => {
    const endpoint = endpointOf(state, user, device);
    return endpoint !== undefined && endpoint.inactiveSince === undefined;
  });
  const names = active.join(" and ") || "nobody";
  const found: string[] = [];
  const named = holdingsIn(state, device).filter(({ isLost }) => !isLost);
  if (state.mode !== "share" && active.length > 1) {
    return [`${names} hold ${device}`];
  }
  for (const user of active) {
    const id = endpointOf(state, user, device)?.endpointId;
    if (!named.some((holding) => holding.user === user && holding.endpointId === id)) {
      found.push(`${user} has ${device}, and the Directory does not say so`);
    }
  }
  for (const { user, endpointId } of named) {
    const endpoint = endpointOf(state, user, device);
    if (endpoint?.endpointId !== endpointId) {
      found.push(`the Directory names ${user} for ${device}, who has no such endpoint`);
    } else if (endpoint.inactiveSince !== undefined && (active.length > 0 || !scenario.hasFailures)) {
      found.push(`the Directory names ${user} for ${device}, who is INACTIVE, and ${names} has it`);
    }
  }
  const lawful = lawfulHolders(scenario, state, device);
  if (!lawful.has(active.join())) {
    const others = [...lawful].map((users) => users || "nobody").join(" or ");
    found.push(`${names} holds ${device}, which only ${others} could`);
  }
  return found;
}

function twice({ users }: Scenario, state: State, device: string): string[] {
  return users
    .filter((user) => endpointsOf(state, user, device).length > 1)
    .map((user) => `${user} has ${device} twice`);
}

/** A user who was erased last is nowhere in the Directory. */
function erasedViolations(scenario: Scenario, state: State): string[] {
  const named = (user: string) =>
    scenario.devices.some((device) => holdingsIn(state, device).some((holding) => holding.user === user));
  return Object.entries(state.calls)
    .filter(([key, { answer }]) => answer === "ok" && callAt(scenario, key).kind === "erase")
    .filter(([key, { after }]) => isLastOf(scenario, state, callAt(scenario, key), after))
    .filter(([key]) => named(callAt(scenario, key).user))
    .map(([key]) => `${callAt(scenario, key).user} is erased, and in the Directory`);
}

function isLastOf(scenario: Scenario, state: State, { user }: Call, after: readonly string[]): boolean {
  return Object.keys(state.calls).every((key) => {
    const call = callAt(scenario, key);
    return call.user !== user || after.includes(key) || !["register", "update"].includes(call.kind);
  });
}

function endpointOf(state: State, user: string, device: string): Endpoint | undefined {
  return endpointsOf(state, user, device)[0];
}

function endpointsOf({ rows }: State, user: string, device: string): Endpoint[] {
  return (rows[user] ?? []).filter((row) => row.state === "live").filter(({ deviceToken }) => deviceToken === device);
}
