/** The steps of users' objects, put together as the class AppInstanceUser does. */
import { create } from "@bufbuild/protobuf";
import {
  DeregisterAppInstanceUserEndpointRequestSchema as Deregister,
  UpdateAppInstanceUserEndpointRequestSchema as Update,
} from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { Decision } from "../../../src/worker/core/decision.ts";
import { decideDeregister } from "../../../src/worker/core/deregister.ts";
import { countNewDevices } from "../../../src/worker/core/new-devices.ts";
import { decidePurge } from "../../../src/worker/core/purge.ts";
import { decideRegister } from "../../../src/worker/core/register.ts";
import { decideReport } from "../../../src/worker/core/report.ts";
import { holdOf, releasesOf } from "../../../src/worker/core/tells.ts";
import { isExpired } from "../../../src/worker/core/tombstone.ts";
import { decideUpdate } from "../../../src/worker/core/update.ts";
import type { Changes } from "../../../src/worker/model/changes.ts";
import type { Tell, Tells } from "../../../src/worker/model/tells.ts";
import { registration, reporting } from "../requests.ts";
import { applied } from "../rows.ts";
import { release } from "./directory.ts";
import { keys, type Rules } from "./rules.ts";
import type { Call, State } from "./state.ts";

export interface Decided {
  readonly answer: string;
  readonly endpointId?: string;
  readonly changes: Changes;
  /** Absent where there is no Directory. */
  readonly heard?: Tells;
}

/** What becomes of a call of an endpoint, by the rows as they are. */
export function decideCall(rules: Rules, state: State, call: Call, id: string, endpointsMax = 10): Decided {
  const { user } = call;
  const now = clockOf(state, user);
  const { answer, about = [], presents = false, ...decided } = decision(rules, state, call, id, endpointsMax);
  if (answer.kind !== "ok") {
    return { answer: answer.reason, changes: {} };
  }
  const { endpointId } = answer.response as { endpointId?: string };
  const ok = { answer: "ok", ...(endpointId !== undefined && { endpointId }) };
  if (state.mode === undefined) {
    return { ...ok, changes: decided };
  }
  const before = beforeIn(state, user);
  const rows = state.rows[user] ?? [];
  const counted = state.mode === "move" ? countNewDevices(decided, { before, loadAll: () => rows, now }) : decided;
  if ("kind" in counted) {
    return { answer: counted.reason, changes: {} };
  }
  const { changes, tells } = rules.withTells({ ...counted, about }, before, keys);
  return { ...ok, changes, heard: { tells, presents, now } };
}

function decision(rules: Rules, state: State, call: Call, id: string, endpointsMax: number): Decision<unknown> {
  const { user, device = "" } = call;
  const rows = state.rows[user] ?? [];
  const now = clockOf(state, user);
  const row = rows.find(({ endpointId }) => endpointId === id);
  switch (call.kind) {
    case "register":
      return decideRegister(rows, registering(call), {
        now,
        endpointsMax,
        adopts: true,
        staleAfterMs: Number.POSITIVE_INFINITY,
        newId: () => endpointId(user, (state.made[user] ?? 0) + 1),
      });
    case "update":
      return decideUpdate(row, updating(id, { endpointAttributes: { deviceToken: device } }), now, () => rows);
    case "rename":
      return decideUpdate(row, updating(id, { name: "renamed" }), now, () => rows);
    case "deregister":
      return decideDeregister(rows, create(Deregister, { endpointId: id }), now);
    case "erase":
      return rules.erase(rows, now);
    case "fail":
      return decideReport(
        () => row,
        reporting({ endpointId: id, deviceToken: device, reason: "Unregistered", at: now }),
        now,
      );
  }
}

/** The state when a user's object has changed. */
export function committed(state: State, user: string, changes: Changes): State {
  const before = beforeIn(state, user);
  const made = (changes.put ?? []).filter(({ endpointId }) => before(endpointId) === undefined).length;
  return {
    ...state,
    rows: { ...state.rows, [user]: applied(state.rows[user] ?? [], changes) },
    made: { ...state.made, [user]: (state.made[user] ?? 0) + made },
  };
}

/** The second step of a call whose device another user holds: what is to be told then. */
export function writeNotHeld(
  rules: Rules,
  state: State,
  user: string,
  { tell, standing, calledAt }: { tell: Tell; standing: number; calledAt: number },
): { state: State; tells: readonly Tell[] } {
  const before = beforeIn(state, user);
  const { device, endpointId } = tell;
  const changes = rules.notHeld(
    before(endpointId),
    { appInstanceArn: "", device, endpointId, standing, calledAt: rules.confirmedAt(calledAt, clockOf(state, user)) },
    keys,
  );
  const written = rules.withTells(changes, before, keys);
  return { state: committed(state, user, written.changes), tells: written.tells };
}

/** A user's object hears that a device was lost, and answers what it has by a newer right. */
export function loseDevice(
  rules: Rules,
  state: State,
  user: string,
  lost: { device: string; lostAt: number },
): { state: State; reply: { newer?: Tell } } {
  const { newer, ...changes } = rules.loss(
    state.rows[user] ?? [],
    { appInstanceArn: "", ...lost },
    keys,
    clockOf(state, user),
  );
  return { state: committed(state, user, changes), reply: newer === undefined ? {} : { newer: holdOf(newer, keys) } };
}

/** What has expired goes, and the Directory forgets it once more. */
export function purged(rules: Rules, state: State, user: string): State {
  const now = clockOf(state, user);
  const rows = state.rows[user] ?? [];
  const released = rows.flatMap((row) => (isExpired(row, now) ? releasesOf(row) : []));
  const forgotten = rules.purgeReleases
    ? released.reduce((next, tell) => release(rules, next, user, tell), state)
    : state;
  return committed(forgotten, user, decidePurge(rows, now));
}

/** The id of a user's n-th endpoint. */
export function endpointId(user: string, n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(11, "0")}${user}`;
}

export function clockOf({ now, ahead }: State, user: string): number {
  return now + (ahead[user] ?? 0);
}

function beforeIn({ rows }: State, user: string) {
  return (id: string) => rows[user]?.find(({ endpointId }) => endpointId === id);
}

/** Requests are made once: there are few, and many states. */
const requests = new Map<string, ReturnType<typeof registration>>();

function registering({ device: deviceToken = "", requestToken: clientRequestToken = "" }: Call) {
  const key = `${clientRequestToken} ${deviceToken}`;
  const request = requests.get(key) ?? registration({ endpointAttributes: { deviceToken }, clientRequestToken });
  requests.set(key, request);
  return request;
}

function updating(id: string, said: { name?: string; endpointAttributes?: { deviceToken: string } }) {
  return create(Update, { endpointId: id, ...said }) as Parameters<typeof decideUpdate>[1];
}
