import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

/** A receiver of events that takes whatever comes. */
export interface Receiver {
  readonly url: string;
  /** Answers once nothing has come for a while. */
  untilQuiet(): Promise<void>;
  stop(): Promise<void>;
}

const QUIET_MS = 100;

export async function startReceiver(): Promise<Receiver> {
  let last = performance.now();
  const server = createServer((request, response) => {
    last = performance.now();
    request.resume().on("end", () => response.writeHead(204).end());
  });
  // A sender that finds its connection closed would count that as a failure, and wait.
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    untilQuiet: async () => {
      const from = performance.now();
      while (performance.now() < Math.max(from, last) + QUIET_MS) {
        await setTimeout(QUIET_MS / 4);
      }
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
