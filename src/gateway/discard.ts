import { DISCARD_MAX_MS } from "./limits.ts";
import type { NodeRequest } from "./listener.ts";

/** Reads what is left of a request, and drops it: to its end, or for as long as is worth it. */
export function discard(request: NodeRequest): Promise<void> {
  if (request.readableEnded || request.destroyed) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const drop = () => {
      while (request.read() !== null) {
        // What is read is gone.
      }
    };
    const end = () => {
      clearTimeout(timer);
      request.off("readable", drop).off("end", end).off("close", end);
      resolve();
    };
    const timer = setTimeout(end, DISCARD_MAX_MS);
    request.on("readable", drop).once("end", end).once("close", end);
    drop();
  });
}
