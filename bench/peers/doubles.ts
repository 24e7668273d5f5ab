/** What is left of a device that many callers register at the same moment. */
import { setTimeout } from "node:timers/promises";
import { freshUser } from "../calls/contestant.ts";
import { registration, type User } from "../calls/wires.ts";
import { Connection } from "../load/connection.ts";
import { requireStatus, sendAllTo } from "../load/send-all.ts";
import type { Api, Peer, Running } from "./peer.ts";
import { isFailure } from "./player.ts";

export interface Race {
  readonly peer: string;
  readonly by: "one user" | "as many users";
  readonly devices: number;
  readonly callers: number;
  /** Callers who were refused, and those whose calls the server itself failed. */
  readonly refused: number;
  readonly failed: number;
  /** Devices by how many endpoints have their token. */
  readonly left: Left;
  /** The same once the last of the callers has called again, alone. */
  readonly later: Left;
}

export interface Left {
  readonly none: number;
  readonly one: number;
  readonly several: number;
  /** Of the device that has most. */
  readonly most: number;
}

export interface DoublesOptions {
  readonly devices: number;
  readonly callers: number;
  readonly tell: (progress: string) => void;
}

/** Former users of a device have heard of it by then. */
const SETTLED_MS = 500;

export async function measureDoubles(
  peers: readonly Peer[],
  folderOf: (peer: Peer) => string,
  { devices, callers, tell }: DoublesOptions,
): Promise<Race[]> {
  const races: Race[] = [];
  for (const peer of peers) {
    const running = await peer.start(folderOf(peer));
    for (const by of ["one user", "as many users"] as const) {
      tell(`${callers} callers at once, of ${by}: ${peer.name}`);
      races.push({ peer: peer.name, by, devices, callers, ...(await race(running, by, devices, callers)) });
    }
    await running.stop();
  }
  return races;
}

async function race(running: Running, by: Race["by"], devices: number, callers: number) {
  const { api } = running;
  const owners = Array.from({ length: devices }, freshUser);
  const all: User[] = [...owners];
  const calls: Uint8Array[][] = [];
  const lastCalls: Uint8Array[] = [];
  for (const owner of owners) {
    const others = by === "one user" ? [] : Array.from({ length: callers - 1 }, freshUser);
    all.push(...others);
    calls.push(await Promise.all(Array.from({ length: callers }, (_, n) => callOf(api, others[n - 1], owner))));
    lastCalls.push(await callOf(api, others.at(-1), owner));
  }
  const connections = await Promise.all(
    Array.from({ length: callers }, () => Connection.open(Number(new URL(running.url).port))),
  );
  let refused = 0;
  let failed = 0;
  for (const atOnce of calls) {
    const answers = await Promise.all(atOnce.map((call, n) => connections[n]?.send(call)));
    failed += answers.filter(isFailure).length;
    refused += answers.filter((answer) => !isFailure(answer) && (answer?.status ?? 0) >= 300).length;
  }
  for (const connection of connections) {
    connection.close();
  }
  const tokens = owners.map((owner) => registration(owner, 1).deviceToken);
  const left = async () => {
    await setTimeout(SETTLED_MS);
    return leftOf(tokens, await api.held(all));
  };
  const atOnce = await left();
  const { answers } = await sendAllTo(running, lastCalls, 1);
  // Where another user has the device for good, that is refused again.
  requireStatus(
    "ok",
    answers.filter(({ status }) => status !== 400),
  );
  return { refused, failed, left: atOnce, later: await left() };
}

/** By another user, or by the owner, who knows nothing of the other calls. */
function callOf(api: Api, other: User | undefined, owner: User): Promise<Uint8Array> {
  return other === undefined ? api.registerAnew(owner, 1) : api.take(other, owner, 1);
}

export function leftOf(tokens: readonly string[], held: ReadonlyMap<string, number>): Left {
  const counts = tokens.map((token) => held.get(token) ?? 0);
  return {
    none: counts.filter((count) => count === 0).length,
    one: counts.filter((count) => count === 1).length,
    several: counts.filter((count) => count > 1).length,
    most: Math.max(...counts),
  };
}
