/** What the kernel accounts to servers that are several processes. Linux only. */
import { readdirSync, readFileSync } from "node:fs";
import { type Account, accountOf } from "./account.ts";

/** In which /proc counts: the kernel gives out hundredths of a second. */
const TICK_MICROS = 10_000;

/** These processes and all that they have started, and those in turn. */
export function treeOf(roots: readonly number[]): number[] {
  const children = Map.groupBy(processes(), parentOf);
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return roots.filter((pid) => pid > 0).flatMap(below);
}

/** What all of them took, and those of their children that have ended. */
export function accountOfTree(roots: readonly number[]): Account {
  const accounts = treeOf(roots).flatMap((pid) => {
    try {
      return [{ ...accountOf(pid), ...ticksOf(pid) }];
    } catch {
      // It has ended meanwhile, and its parent accounts for it.
      return [];
    }
  });
  const sum = (of: (account: (typeof accounts)[number]) => number) =>
    accounts.reduce((total, each) => total + of(each), 0);
  return {
    // The finer count leaves out threads that have ended, the coarser one is rounded down: both are at most what a process took.
    cpuMicros: sum(({ cpuMicros, ownMicros, endedMicros }) => Math.max(cpuMicros, ownMicros) + endedMicros),
    diskBytes: sum(({ diskBytes }) => diskBytes),
  };
}

/** Memory that is in use: what several processes share is divided among them. In bytes. */
export function memoryOfTree(roots: readonly number[]): number {
  return treeOf(roots)
    .map((pid) => Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) * 1_024)
    .reduce((total, bytes) => total + bytes, 0);
}

function processes(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

function parentOf(pid: number): number {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return 0;
  }
}

function ticksOf(pid: number): { ownMicros: number; endedMicros: number } {
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = statOf(pid).slice(11, 15).map(Number);
  return { ownMicros: (user + system) * TICK_MICROS, endedMicros: (endedUser + endedSystem) * TICK_MICROS };
}

/** The fields after the name, which may hold spaces: the state, the parent, and so on. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
