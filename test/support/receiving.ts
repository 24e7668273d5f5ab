/** A receiver of events, over HTTP. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { eventsIn, type Received, summaryOf } from "./receiver.ts";

/** What a receiver answers: a status, one after some seconds, nothing at all, or an answer without end. */
export type Behaviour = number | "slow" | "nothing" | "endless";

const SLOW_MS = 2_000;

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What was asked for, of which there is one: redirects lead elsewhere. */
  readonly paths: ReadonlySet<string>;
  behaviour: Behaviour;
  /** What was told of endpoints and users whose attributes or data have this in them: "registered e1". */
  told(about: string): string[];
  close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  const received: Received[] = [];
  const paths = new Set<string>();
  const server = createServer(async (request, response) => {
    paths.add(request.url ?? "");
    received.push({ headers: headersOf(request), body: await text(request) });
    switch (self.behaviour) {
      case "nothing":
        return;
      case "slow":
        await setTimeout(SLOW_MS);
        response.writeHead(204).end();
        return;
      case "endless":
        response.writeHead(200);
        Readable.from(endless()).pipe(response);
        return;
      default:
        response.writeHead(self.behaviour, { location: "/elsewhere" }).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const self: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?key=hidden`,
    received,
    paths,
    behaviour: 204,
    told: (about) =>
      received
        .flatMap((batch) => eventsIn(batch))
        .filter((event) => JSON.stringify(event).includes(about))
        .map((event) => summaryOf(event).split(" ", 2).join(" ")),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return self;
}

async function* endless() {
  for (;;) {
    yield "more".repeat(1_000);
    await setTimeout(10);
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
