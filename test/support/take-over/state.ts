/**
 * What happens when a device changes hands, as a transition system small enough to be explored completely: users' objects, the shards of
 * the Directory, the Workers between them, and clients that retry, give up and come late. One step is one synchronous step of an
 * object, one delivery of a message, or one fault. What objects and shards decide are the very functions of src/worker.
 */
import type { Changes } from "../../../src/worker/model/changes.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import type { DevicesMode, Holding } from "../../../src/worker/model/holding.ts";
import type { Tell } from "../../../src/worker/model/tells.ts";
import type { Due } from "../../../src/worker/storage/holdings.ts";
import type { Entries } from "./kv.ts";

/** What one client does, one after the other. A call that is not answered is retried, and given up in the end. */
export type Script = readonly (Call | Event)[];

export interface Call {
  readonly kind: "register" | "update" | "rename" | "deregister" | "erase" | "fail";
  /** Users are letters, and their order is that of their ARNs. */
  readonly user: string;
  /** The device that it names; devices are letters too. */
  readonly device?: string;
  readonly requestToken?: string;
  /** Which of the user's endpoints it is about: by whom it was registered ("a", "phone"), or from 1 in their order. */
  readonly endpoint?: string | number;
  /** The calls, by their keys, that must have ended before. */
  readonly after?: readonly string[];
  /** No fault befalls it. */
  readonly isSure?: true;
}

/** What befalls all. */
export type Event =
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "clock"; readonly user?: string; readonly ms: number }
  | { readonly kind: "devices"; readonly mode: DevicesMode | undefined }
  | { readonly kind: "loss" };

export interface Scenario {
  readonly users: readonly string[];
  readonly devices: readonly string[];
  readonly clients: readonly Script[];
  readonly mode?: DevicesMode;
  /** How many of the steps that are faults may happen. */
  readonly faults?: number;
  /** How often a call is made again. */
  readonly retries?: number;
  /** Whether a client may give up before that. */
  readonly givesUp?: true;
  /** How far the clock goes on at a step of a user's object: each of these may be. A millisecond, if not told otherwise. */
  readonly ticks?: readonly number[];
  /** How far a user's object is ahead of the others, in milliseconds. */
  readonly ahead?: Readonly<Record<string, number>>;
  readonly endpointsMax?: number;
  /** Whether what must be true at rest must be so even where a call was given up. */
  readonly isFinal?: true;
  /** Whether an endpoint may be INACTIVE by a failure: then the Directory may go on naming it. */
  readonly hasFailures?: true;
  /** What is known to be left over: the contract says when each of it heals. */
  readonly residue?: readonly string[];
}

/** A client: the call or event that comes next, and what has become of it. */
export interface Client {
  readonly next: number;
  readonly is: "idle" | "waiting" | "unanswered";
  readonly tries: number;
}

/** A Worker that serves a call. */
export interface Serving {
  /** "0.1": the second of the first client's. */
  readonly key: string;
  /** What comes next. */
  readonly at: "object" | "directory" | "not held" | "commit";
  /** What is to be told yet. */
  readonly tells: readonly Tell[];
  /** Whether its client has gone. */
  readonly isLate?: true;
  readonly answer?: string;
  readonly endpointId?: string;
  readonly presents?: boolean;
  /** When the object decided. */
  readonly calledAt?: number;
  /** What it heard against the device that it named. */
  readonly notHeld?: { readonly tell: Tell; readonly standing: number };
  readonly isSecondTelling?: true;
  /** What is decided and not yet written: never, but for a bug that is planted. */
  readonly uncommitted?: Changes;
}

/** The alarm of a shard asks a loser's object. */
export interface Telling {
  readonly device: string;
  readonly due: Due;
  readonly sent: Holding;
  /** What the object answered, once it has. */
  readonly reply?: { readonly newer?: Tell };
}

/** What is known of a call: what was answered before it was sent first, and what it was answered. */
export interface Known {
  readonly after: readonly string[];
  readonly answer?: string;
  readonly endpointId?: string;
}

export interface State {
  readonly now: number;
  readonly faults: number;
  readonly mode: DevicesMode | undefined;
  readonly ahead: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  /** How many endpoints each user has had. */
  readonly made: Readonly<Record<string, number>>;
  /** A shard for each device. */
  readonly shards: Readonly<Record<string, Entries>>;
  readonly alarms: readonly Telling[];
  readonly clients: readonly Client[];
  readonly serving: readonly Serving[];
  /** The endpoints that clients have been told of. */
  readonly ids: Readonly<Record<string, string>>;
  readonly calls: Readonly<Record<string, Known>>;
}

/** Something that can happen next. */
export interface Step {
  readonly label: string;
  readonly isFault?: true;
  readonly take: () => State;
}

export const NOW = 1_800_000_000_000;

export function firstState({ users, clients, devices, mode = "move", faults = 1, ahead = {} }: Scenario): State {
  const each = <Value>(names: readonly string[], value: Value) =>
    Object.fromEntries(names.map((name) => [name, value]));
  return {
    now: NOW,
    faults,
    mode,
    ahead,
    rows: each(users, []),
    made: each(users, 0),
    shards: each(devices, []),
    alarms: [],
    clients: clients.map(() => ({ next: 0, is: "idle", tries: 0 })),
    serving: [],
    ids: {},
    calls: {},
  };
}

/** The call that has a key. */
export function callAt({ clients }: Scenario, key: string): Call {
  const [client = "", next = ""] = key.split(".");
  const call = clients[Number(client)]?.[Number(next)];
  if (call === undefined || !("user" in call) || call.kind === "clock") {
    throw new Error(`there is no call ${key}`);
  }
  return call;
}

/** A client after something has become of its call. */
export function withClient(state: State, key: string, become: (client: Client) => Client): State {
  const n = Number(key.split(".")[0]);
  return { ...state, clients: state.clients.map((client, at) => (at === n ? become(client) : client)) };
}
