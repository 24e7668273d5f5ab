/**
 * Imported for its effect: under npm, a program ends when the process that started it has gone, as if told by SIGTERM. npm
 * passes on SIGINT and SIGTERM, and ends without a word on any other signal.
 */

import { readFileSync } from "node:fs";

/** How often it looks. */
const LOOK_MS = 500;

const parent = process.ppid;

if (process.env.npm_lifecycle_event !== undefined) {
  const isOrphan = isOrphanOf(parent);
  setInterval(() => {
    if (isOrphan || process.ppid !== parent || !isRunning(parent)) {
      process.kill(process.pid, "SIGTERM");
    }
  }, LOOK_MS).unref();
}

/**
 * Whether npm had gone before anybody looked, so that what adopts orphans stands in its place. In a container process 1 may
 * be npm.
 */
function isOrphanOf(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return pid === 1 ? !/npm|yarn|bun|node/.test(command) : /systemd.--user/.test(command);
  } catch {
    return pid === 1;
  }
}

/** Windows goes on naming a parent that has gone. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
