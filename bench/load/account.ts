/** What the kernel accounts to a process. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

export interface Account {
  /** Processor time of all its threads, in microseconds. */
  readonly cpuMicros: number;
  /** What it had sent to the disk. */
  readonly diskBytes: number;
}

export function accountOf(pid: number): Account {
  return { cpuMicros: cpuMicros(pid), diskBytes: numberIn(`/proc/${pid}/io`, /^write_bytes: (\d+)$/m) };
}

/** Resident memory, in bytes. */
export function residentBytes(pid: number): number {
  return numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m) * 1_024;
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export function threads(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

/**
 * The first field of a thread's schedstat is its time on a processor, in nanoseconds; /proc/PID/stat counts in
 * hundredths of a second, which are many requests. workerd keeps its threads, so that their sum loses nothing.
 */
function cpuMicros(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanos = threads.map((thread) => numberIn(`/proc/${pid}/task/${thread}/schedstat`, /^(\d+) /));
  return nanos.reduce((sum, value) => sum + value, 0) / 1_000;
}

function numberIn(path: string, pattern: RegExp): number {
  return Number(pattern.exec(readFileSync(path, "utf8"))?.[1]);
}
