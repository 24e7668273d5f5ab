/** The steps of Workers that serve calls, put together as ask-user and tell do. */
import { hear } from "./directory.ts";
import { deviceName, type Rules } from "./rules.ts";
import { type Call, callAt, type Scenario, type Serving, type State, type Step, withClient } from "./state.ts";
import { clockOf, committed, decideCall, writeNotHeld } from "./user-object.ts";

/** What the Workers can do next. */
export function* servingSteps(rules: Rules, scenario: Scenario, state: State): Generator<Step> {
  for (const serving of state.serving) {
    const call = callAt(scenario, serving.key);
    const name = `${call.kind} of ${call.user}${serving.isLate ? ", whose client has gone" : ""}`;
    yield* nextSteps(rules, scenario, state, serving, call, name);
    if (!call.isSure) {
      yield* faults(state, serving, name);
    }
  }
}

function* nextSteps(
  rules: Rules,
  scenario: Scenario,
  state: State,
  serving: Serving,
  call: Call,
  name: string,
): Generator<Step> {
  if (serving.at === "object" || serving.at === "not held") {
    for (const ms of scenario.ticks ?? [1]) {
      const later = { ...state, now: state.now + ms };
      yield serving.at === "object"
        ? { label: `object ${call.user}: ${name}`, take: () => decided(rules, scenario, later, serving, call) }
        : { label: `object ${call.user}: ${name}, not held`, take: () => confirmed(rules, later, serving, call) };
    }
  } else if (serving.at === "commit") {
    const { uncommitted = {}, ...rest } = serving;
    yield {
      label: `object ${call.user}: ${name} is written`,
      take: () => served(committed(state, call.user, uncommitted), serving, { ...rest, at: "directory" }),
    };
  } else if (serving.tells.length === 0) {
    yield { label: `${name} is answered ${serving.answer}`, take: () => answered(state, serving, call) };
  } else {
    yield* tellingSteps(rules, state, serving, call, name);
  }
}

function* tellingSteps(rules: Rules, state: State, serving: Serving, call: Call, name: string): Generator<Step> {
  // Shards are told at the same time.
  const firsts = serving.tells.filter((tell, n, all) => all.findIndex(({ device }) => device === tell.device) === n);
  for (const { kind, device, at } of firsts) {
    yield {
      label: `shard ${device.slice(deviceName("").length)}: ${kind} @${at}, ${name}`,
      take: () => told(rules, state, serving, call, device),
    };
    if (!call.isSure) {
      const tells = serving.tells.filter((tell) => tell.device !== device);
      yield fault(state, `the Directory is not reached for ${name}`, (next) =>
        unanswered(served(next, serving, { ...serving, tells, presents: false, isLate: true }), serving),
      );
    }
  }
}

function* faults(state: State, serving: Serving, name: string): Generator<Step> {
  yield fault(state, `the Worker dies that serves ${name}`, (next) =>
    unanswered(served(next, serving, undefined), serving),
  );
  // Before that a Worker ends with its client.
  if (!serving.isLate && serving.at !== "object") {
    yield fault(state, `the client of ${name} hangs up, and its Worker goes on`, (next) =>
      unanswered(served(next, serving, { ...serving, isLate: true }), serving),
    );
  }
}

function fault(state: State, label: string, become: (state: State) => State): Step {
  return { label, isFault: true, take: () => become({ ...state, faults: state.faults - 1 }) };
}

function decided(rules: Rules, scenario: Scenario, state: State, serving: Serving, call: Call): State {
  const { endpointId: id = "" } = serving;
  const { answer, endpointId, changes, heard } = decideCall(rules, state, call, id, scenario.endpointsMax);
  const { tells = [], presents = false, now: calledAt = clockOf(state, call.user) } = heard ?? {};
  const next: Serving = { ...serving, at: "directory", answer, tells, presents, calledAt };
  const named: Serving = endpointId === undefined ? next : { ...next, endpointId };
  const known = { after: state.calls[serving.key]?.after ?? [], endpointId: named.endpointId ?? "" };
  const told = { ...state, calls: { ...state.calls, [serving.key]: known } };
  return rules.commitsFirst
    ? served(committed(told, call.user, changes), serving, named)
    : served(told, serving, { ...named, uncommitted: changes, ...(tells.length === 0 && { at: "commit" as const }) });
}

function told(rules: Rules, state: State, serving: Serving, { user }: Call, device: string): State {
  const tell = serving.tells.find((candidate) => candidate.device === device);
  if (tell === undefined) {
    return state;
  }
  const { standing, state: next } = hear(rules, state, { user, userArn: user }, tell);
  const tells = serving.tells.filter((other) => other !== tell);
  const { presents, calledAt = 0, isSecondTelling } = serving;
  const isNotHeld =
    tell.kind === "hold" &&
    presents &&
    !isSecondTelling &&
    standing !== undefined &&
    rules.confirms(standing, calledAt);
  const heard = isNotHeld ? { ...serving, tells, notHeld: { tell, standing } } : { ...serving, tells };
  if (tells.length > 0) {
    return served(next, serving, heard);
  }
  return served(next, serving, { ...heard, at: afterTelling(heard) });
}

function afterTelling({ notHeld, isSecondTelling, uncommitted }: Serving): Serving["at"] {
  if (notHeld !== undefined && !isSecondTelling) {
    return "not held";
  }
  return uncommitted === undefined ? "directory" : "commit";
}

function confirmed(rules: Rules, state: State, serving: Serving, { user }: Call): State {
  const { notHeld, calledAt = 0, ...rest } = serving;
  if (notHeld === undefined) {
    return state;
  }
  const written = writeNotHeld(rules, state, user, { ...notHeld, calledAt });
  return served(written.state, serving, { ...rest, at: "directory", tells: written.tells, isSecondTelling: true });
}

function answered(state: State, serving: Serving, call: Call): State {
  const { key, answer = "", endpointId } = serving;
  const known = { ...state.calls[key], after: state.calls[key]?.after ?? [], answer };
  const ids =
    call.kind === "register" && answer === "ok" && endpointId !== undefined
      ? { ...state.ids, [String(call.endpoint ?? call.user)]: endpointId }
      : state.ids;
  const next = { ...served(state, serving, undefined), calls: { ...state.calls, [key]: known }, ids };
  return withClient(next, key, (client) => ({ next: client.next + 1, is: "idle", tries: 0 }));
}

/** A client whose call is not answered; one that has gone before has no use for it. */
function unanswered(state: State, { key, isLate }: Serving): State {
  return isLate ? state : withClient(state, key, (client) => ({ ...client, is: "unanswered" }));
}

/** The state with a Worker as it is now; one that has no client any more and nothing to tell ends. */
function served(state: State, before: Serving, after: Serving | undefined): State {
  const isOver = after === undefined || (after.isLate && after.at === "directory" && after.tells.length === 0);
  const others = state.serving.filter((other) => other !== before);
  const serving = isOver ? others : [...others, after];
  return { ...state, serving: serving.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) };
}

function orderOf({ key, isLate, at, tells }: Serving): string {
  return `${key} ${isLate ?? false} ${at} ${tells.length}`;
}
