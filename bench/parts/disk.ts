import type { Bundles } from "../bundles.ts";
import { startContestants } from "../calls/contestants.ts";
import { type CallResult, playRounds } from "../calls/rounds.ts";
import { canSlowDisk, slowDisk } from "../load/slow-disk.ts";

/** Registrations on a disk that takes longer over each sync than the one that is there. */
export interface Disk {
  readonly laterMillis: number;
  readonly calls: readonly CallResult[];
}

export interface Disks {
  /** How much longer each of the disks takes. */
  readonly laterMillis: readonly number[];
  readonly rounds: number;
  /** In a round. */
  readonly users: number;
  readonly warmUps: number;
  readonly tell: (progress: string) => void;
}

const STEPS = ["new", "returning"];

const CONNECTIONS = 8;

/** None where no disk can be made slow. */
export async function measureDisks(
  bundles: Bundles,
  rowBytes: number,
  { laterMillis, rounds, users, warmUps, tell }: Disks,
): Promise<Disk[]> {
  if (!canSlowDisk()) {
    tell("slow disks are left out: strace is not there to make them");
    return [];
  }
  const disks: Disk[] = [];
  for (const later of laterMillis) {
    const runners = await startContestants(bundles, rowBytes, ({ name }) => STEPS.includes(name), {
      under: slowDisk(later),
    });
    try {
      const play = {
        ...{ forMillis: 0, users, connections: Array.from({ length: rounds }, () => CONNECTIONS), warmUps },
        tell: (progress: string) => tell(`a disk slower by ${later} ms a sync, ${progress}`),
      };
      const calls = await playRounds(runners, play);
      disks.push({ laterMillis: later, calls: calls.filter(({ step }) => STEPS.includes(step)) });
    } finally {
      await Promise.all(runners.map((runner) => runner.stop()));
    }
  }
  return disks;
}
