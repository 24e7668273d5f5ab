/**
 * Imported for its effect: under npm, a program ends when the process that started it has gone, as if told by SIGTERM. npm
 * passes on SIGINT and SIGTERM, and ends without a word on any other signal.
 */

/** How often it looks. */
const LOOK_MS = 500;

const parent = process.ppid;

if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => {
    if (process.ppid !== parent || !isRunning(parent)) {
      process.kill(process.pid, "SIGTERM");
    }
  }, LOOK_MS).unref();
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
