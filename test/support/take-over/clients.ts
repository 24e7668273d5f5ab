/** The steps of clients, and what befalls all. */
import { losersIn } from "./directory.ts";
import type { Rules } from "./rules.ts";
import { type Call, type Event, type Scenario, type State, type Step, withClient } from "./state.ts";
import { endpointId, purged } from "./user-object.ts";

/** What the clients can do next. */
export function* clientSteps(rules: Rules, scenario: Scenario, state: State): Generator<Step> {
  for (const [n, { next, is, tries }] of state.clients.entries()) {
    const what = scenario.clients[n]?.[next];
    const key = `${n}.${next}`;
    if (what === undefined || is === "waiting") {
      continue;
    }
    if (!isCall(what)) {
      yield* eventSteps(rules, scenario, state, what, key);
    } else if (is === "unanswered") {
      yield* retrySteps(scenario, state, what, key, tries);
    } else if ((what.after ?? []).every((other) => hasEnded(state, other))) {
      yield sending(state, what, key);
    }
  }
}

function isCall(what: Call | Event): what is Call {
  return !["time", "clock", "devices", "loss"].includes(what.kind);
}

function sending(state: State, call: Call, key: string): Step {
  const name = `client: ${call.kind} ${[call.user, call.device, call.requestToken].filter(Boolean).join(" ")}`;
  return idOf(state, call) === undefined
    ? { label: `${name} is left out, for it knows no endpoint`, take: () => withClient(state, key, onward) }
    : { label: name, take: () => sent(state, call, key) };
}

function* retrySteps(
  { retries = 1, givesUp }: Scenario,
  state: State,
  call: Call,
  key: string,
  tries: number,
): Generator<Step> {
  if (tries <= retries) {
    yield { label: `client: ${call.kind} ${call.user} again`, take: () => sent(state, call, key) };
  }
  if (givesUp || tries > retries) {
    yield { label: `client: gives ${call.kind} ${call.user} up`, take: () => withClient(state, key, onward) };
  }
}

function sent(state: State, call: Call, key: string): State {
  const answered = Object.keys(state.calls).filter((other) => state.calls[other]?.answer !== undefined);
  const known = state.calls[key] ?? { after: answered.sort() };
  const id = idOf(state, call);
  const serving = [
    ...state.serving,
    { key, at: "object" as const, tells: [], ...(id !== undefined && { endpointId: id }) },
  ];
  // In the order of keys, so that states are the same whatever was sent first.
  const calls = Object.fromEntries(
    Object.entries({ ...state.calls, [key]: known }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return withClient({ ...state, calls, serving }, key, ({ next, tries }) => ({
    next,
    is: "waiting",
    tries: tries + 1,
  }));
}

/** The endpoint that a call is about: undefined where its client was not told of it; "" where it is about none. */
function idOf(state: State, { kind, user, endpoint = user }: Call): string | undefined {
  if (kind === "register" || kind === "erase") {
    return "";
  }
  return typeof endpoint === "number" ? endpointId(user, endpoint) : state.ids[endpoint];
}

function hasEnded({ calls, clients }: State, key: string): boolean {
  const [client, next] = key.split(".").map(Number);
  return calls[key]?.answer !== undefined || (clients[client ?? -1]?.next ?? 0) > (next ?? 0);
}

function* eventSteps(rules: Rules, scenario: Scenario, state: State, event: Event, key: string): Generator<Step> {
  const onwards = (next: State) => withClient(next, key, onward);
  switch (event.kind) {
    case "time":
      if (isAtRest(state)) {
        yield {
          label: `${event.ms} ms later`,
          take: () => onwards(allPurged(rules, scenario, { ...state, now: state.now + event.ms })),
        };
      }
      break;
    case "clock":
      yield { label: `clocks go on by ${event.ms} ms`, take: () => onwards(withClock(state, event)) };
      break;
    case "devices":
      yield { label: `DEVICES=${event.mode ?? ""}`, take: () => onwards({ ...state, mode: event.mode }) };
      break;
    case "loss":
      yield { label: "the shards lose their rows", take: () => onwards({ ...state, shards: {} }) };
  }
}

function withClock(state: State, { user, ms }: { user?: string; ms: number }): State {
  return user === undefined
    ? { ...state, now: state.now + ms }
    : { ...state, ahead: { ...state.ahead, [user]: (state.ahead[user] ?? 0) + ms } };
}

/** Whether nothing is under way. */
export function isAtRest(state: State): boolean {
  const { serving, alarms, shards } = state;
  return (
    serving.length === 0 &&
    alarms.length === 0 &&
    Object.keys(shards).every((device) => losersIn(state, device).length === 0)
  );
}

export function allPurged(rules: Rules, { users }: Scenario, state: State): State {
  return users.reduce((next, user) => purged(rules, next, user), state);
}

function onward({ next }: { readonly next: number }) {
  return { next: next + 1, is: "idle" as const, tries: 0 };
}
