import "./with-parent.ts";

/** Calls `end`, once, when this program is told to end. Ctrl-C tells it twice: npm passes on the signal that all have got. */
export function whenToldToEnd(end: () => void): void {
  let told = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (!told) {
        told = true;
        end();
      }
    });
  }
}
