import { spawnSync } from "node:child_process";

/** Whether this machine has what makes a disk slow: strace, with filters in the kernel. */
export function canSlowDisk(): boolean {
  return process.platform === "linux" && spawnSync("strace", ["--seccomp-bpf", "-f", "true"]).status === 0;
}

/**
 * What workerd is run under so that its disk takes so much longer to say that something is on it. Only those calls are
 * stopped, by a filter in the kernel, so that all else takes what it does; and workerd stays the process that was started.
 */
export function slowDisk(millis: number): readonly string[] {
  const syncs = "fsync,fdatasync";
  const filter = ["-e", `trace=${syncs}`, "-e", `inject=${syncs}:delay_exit=${millis * 1_000}`];
  return millis === 0 ? [] : ["strace", "-D", "--seccomp-bpf", "-f", "-qq", "-o", "/dev/null", ...filter];
}
