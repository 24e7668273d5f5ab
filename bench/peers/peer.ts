/** What takes part in the comparison, and what is asked of each. */
import type { User } from "../calls/wires.ts";
import type { Answer } from "../load/connection.ts";
import type { Server } from "../load/send-all.ts";

/** A server, or several that are one. */
export interface Peer {
  readonly name: string;
  /** "ours" is what others are compared with; "again" is the same once more, to show how far two of the same are apart. */
  readonly role: "ours" | "again" | "peer";
  /** With its versions. */
  readonly what: string;
  /** What it says of itself: what outlives it, and how many rows a device may have. */
  readonly promises: { readonly durability: string; readonly doubles: string };
  /** Why it can't take part here, or undefined. */
  readonly missing: () => string | undefined;
  readonly install: () => void;
  /** Starts it on the data of a folder, which is its own and may be empty, by a command that its part with the disk may need. */
  readonly start: (folder: string, under?: readonly string[]) => Promise<Running>;
}

export interface Running extends Server {
  readonly api: Api;
  /** Answers once users who are not called any more are asleep, where that is a state. */
  readonly untilAsleep: () => Promise<void>;
  /** Ends it as its operator would. */
  readonly stop: () => Promise<void>;
  /** Ends all of its processes at once, by SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Bytes in use by all of its processes. */
  readonly memory: () => number;
  /** Bytes of data on the disk, without logs from which it would recover. */
  readonly diskBytes: () => number;
}

/** The same acts in the words of each server, as the bytes that its clients send. A user's devices count from 1. */
export interface Api {
  /** A device that the server has not seen. */
  readonly register: (user: User, device: number) => Promise<Uint8Array>;
  /** The same by an app that does not know whether it is registered: its answer was lost, or its data. */
  readonly registerAnew: (user: User, device: number) => Promise<Uint8Array>;
  /** The same at the next launch of the app, by which the user's first device is known. */
  readonly again: (user: User) => Promise<Uint8Array>;
  /** The user's first device has another token: that of this device. */
  readonly rotate: (user: User, device: number) => Promise<Uint8Array>;
  /** A user registers the device that another user has, or is registering. */
  readonly take: (user: User, from: User, device: number) => Promise<Uint8Array>;
  /** By what a registration's answer lets its device be named. */
  readonly idIn: (answer: Answer) => string;
  /** How many endpoints that pushes go to have each token, among those of these users. */
  readonly held: (users: readonly User[]) => Promise<ReadonlyMap<string, number>>;
}

/** How often each of these comes. */
export function counted(tokens: readonly string[]): Map<string, number> {
  return new Map([...Map.groupBy(tokens, (token) => token)].map(([token, all]) => [token, all.length]));
}
