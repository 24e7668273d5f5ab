/** What is left of acknowledged registrations when all processes of a server are killed in the middle of load. */
import { setTimeout } from "node:timers/promises";
import { freshUser } from "../calls/contestant.ts";
import { registration, type User } from "../calls/wires.ts";
import { Connection } from "../load/connection.ts";
import type { Peer, Running } from "./peer.ts";

export interface Killed {
  readonly peer: string;
  readonly kills: number;
  readonly acknowledged: number;
  /** Of these, those that were not there after the start that followed. */
  readonly lost: number;
}

export interface KillsOptions {
  readonly kills: number;
  readonly connections: number;
  readonly tell: (progress: string) => void;
}

/** How long load lasts before a kill, from when every caller may have had an answer: code that is new takes longer over the first. */
const LOAD_MS = { min: 200, max: 800 };

/** More than any of them takes in that time. */
const CALLS = 1_500;

export async function measureKills(
  peers: readonly Peer[],
  folderOf: (peer: Peer) => string,
  { kills, connections, tell }: KillsOptions,
): Promise<Killed[]> {
  const results: Killed[] = [];
  for (const peer of peers) {
    const folder = folderOf(peer);
    let kept: User[] = [];
    let lost = 0;
    let acknowledged = 0;
    let running = await peer.start(folder);
    for (let n = 0; n < kills; n++) {
      tell(`kill ${n + 1} of ${kills}: ${peer.name}`);
      const registered = await killUnderLoad(running, connections);
      acknowledged += registered.length;
      running = await peer.start(folder);
      const all = [...kept, ...registered];
      const held = await running.api.held(all);
      kept = all.filter((user) => held.has(registration(user, 1).deviceToken));
      lost += all.length - kept.length;
    }
    await running.stop();
    results.push({ peer: peer.name, kills, acknowledged, lost });
  }
  return results;
}

/** Answers with the users whose registrations were acknowledged. */
async function killUnderLoad(running: Running, connections: number): Promise<User[]> {
  const users = Array.from({ length: CALLS }, freshUser);
  const requests = await Promise.all(users.map((user) => running.api.register(user, 1)));
  const registered: User[] = [];
  const queue = users.entries();
  const port = Number(new URL(running.url).port);
  const callers = Array.from({ length: connections }, async () => {
    const connection = await Connection.open(port);
    for (const [n, user] of queue) {
      const { status } = await connection.send(requests[n] ?? new Uint8Array());
      if (status < 300) {
        registered.push(user);
      }
    }
  });
  // They end by an error, when the server has gone.
  const ended = Promise.allSettled(callers);
  const isOver = ended.then(() => true);
  while (registered.length < connections && !(await Promise.race([isOver, setTimeout(5, false)]))) {
    // Nobody is killed before there is something to lose.
  }
  await setTimeout(LOAD_MS.min + Math.random() * (LOAD_MS.max - LOAD_MS.min));
  await running.kill();
  await ended;
  return registered;
}
