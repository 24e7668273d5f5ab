/** How often a server waits for the disk, by the call: what a power cut leaves is what was synced before the answer. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canSlowDisk } from "../load/slow-disk.ts";
import type { Peer } from "./peer.ts";
import { Player } from "./player.ts";

export interface Syncs {
  readonly peer: string;
  /** By the name of the step, for a call; and for a user, when their object falls asleep. */
  readonly perCall: Readonly<Record<string, number>>;
}

export interface SyncsOptions {
  readonly users: number;
  readonly connections: number;
  /** Whether those who come after a while find their objects asleep, which has to be waited for. */
  readonly sleeps: boolean;
  readonly tell: (progress: string) => void;
}

const TRACED = "trace=fsync,fdatasync";

/** None where nothing can be traced. */
export async function measureSyncs(
  peers: readonly Peer[],
  folderOf: (peer: Peer) => string,
  { users, connections, sleeps, tell }: SyncsOptions,
): Promise<Syncs[]> {
  if (!canSlowDisk()) {
    tell("syncs are left out: strace is not there to count them");
    return [];
  }
  const results: Syncs[] = [];
  for (const peer of peers) {
    tell(`counting syncs: ${peer.name}`);
    const folder = folderOf(peer);
    const trace = join(folder, "syncs");
    const running = await peer.start(folder, ["strace", "-D", "--seccomp-bpf", "-f", "-qq", "-e", TRACED, "-o", trace]);
    const player = new Player(running, { users, connections, sleeps });
    const perCall: Record<string, number> = {};
    await player.round();
    let before = countSyncs(readFileSync(trace, "utf8"));
    await player.round((step) => {
      const now = countSyncs(readFileSync(trace, "utf8"));
      perCall[step] = (now - before) / users;
      before = now;
    });
    await running.stop();
    results.push({ peer: peer.name, perCall });
  }
  return results;
}

/** A call that strace tells in two lines counts once. */
export function countSyncs(trace: string): number {
  return trace.match(/\bf(data)?sync\(/g)?.length ?? 0;
}
