/**
 * One user is called as fast as connections go, while others work at their ease. The flood is told to wait; the others
 * are served, every time, and how much longer they wait is told as a ratio to the quiet time just before.
 */
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type Caller, call, callerFor } from "../test/support/calls.ts";
import { freshUserArn, RESOURCE_ARN } from "../test/support/requests.ts";
import { type Attack, type Round, Tally } from "./attack.ts";
import { endpointsOf } from "./hostile/request.ts";
import { Random } from "./random.ts";
import { cpuMs, type Server, withServer } from "./server.ts";

const OTHERS = 6;
/** Of each of the others: within the rate that anybody has. */
const PAUSE_MS = 150;

const FLOOD_CONNECTIONS = 8;
/** A quiet one and a flooded one by turns. */
const WINDOW_MS = 1_500;
const PAIRS_PER_ROUND = 3;

export const flood: Attack = {
  name: "flood",
  shortRounds: 1,
  weight: 1,
  round: (seed, bundle) => withServer(bundle, { LOCAL_MODE: "true" }, (server) => round(new Random(seed), server)),
};

async function round(random: Random, server: Server): Promise<Round> {
  const tally = new Tally();
  const losses: string[] = [];
  const samples = {
    "latency of others, × quiet": [] as number[],
    "refused calls a second": [] as number[],
    "CPU µs a refused call": [] as number[],
  };
  const callers = await Promise.all(Array.from({ length: 1 + OTHERS }, () => callerFor(freshUserArn())));
  await Promise.all(callers.map((caller) => call(server.url, caller, "rest", "Register", REGISTRATION)));
  const [flooded, ...others] = callers;
  // What starts up is no part of the comparison.
  await work(server, others, random, losses, tally);
  for (let pair = 0; pair < PAIRS_PER_ROUND; pair++) {
    const quiet = await work(server, others, random, losses, tally);
    const torrent = new Torrent(server, flooded as Caller);
    const cpuBefore = cpuMs(server);
    const loud = await work(server, others, random, losses, tally);
    const cpu = cpuMs(server) - cpuBefore;
    const { refused, served, otherwise } = torrent.end();
    tally.add("flood: served", served);
    tally.add("flood: told to wait", refused);
    losses.push(...otherwise.map((status) => `the flood was answered ${status}`));
    losses.push(...(refused === 0 ? ["the flood was never told to wait"] : []));
    samples["latency of others, × quiet"].push(median(loud) / median(quiet));
    samples["refused calls a second"].push((refused * 1_000) / WINDOW_MS);
    samples["CPU µs a refused call"].push((cpu * 1_000) / refused);
  }
  return { counts: tally.counts, samples, losses };
}

const REGISTRATION = {
  type: "GCM",
  resourceArn: RESOURCE_ARN,
  clientRequestToken: "request-1",
  endpointAttributes: { deviceToken: "device-1" },
};

/** The others at work for a while: how long each of their calls took, in milliseconds. */
async function work({ url }: Server, others: readonly Caller[], random: Random, losses: string[], tally: Tally) {
  const latencies: number[] = [];
  const end = performance.now() + WINDOW_MS;
  await Promise.all(
    others.map(async (other) => {
      while (performance.now() < end) {
        await wait(PAUSE_MS * (0.5 + random.next()));
        const started = performance.now();
        const answer = await call(url, other, "rest", random.pick(["Register", "List"] as const), REGISTRATION);
        latencies.push(performance.now() - started);
        tally.add("calls of others");
        losses.push(...(answer?.status === 200 ? [] : [`during a flood another user was answered ${answer?.status}`]));
      }
    }),
  );
  return latencies;
}

/** The same call, again and again over connections of its own, each as soon as the last one is answered. */
class Torrent {
  readonly #statuses = new Map<number, number>();
  readonly #sockets;

  constructor({ url }: Server, caller: Caller) {
    const { hostname, port } = new URL(url);
    const request = `GET ${endpointsOf(caller)} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${caller.headers.authorization}\r\n\r\n`;
    this.#sockets = Array.from({ length: FLOOD_CONNECTIONS }, () => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => socket.destroy());
      socket.on("data", (chunk: Buffer) => {
        // Answers are short, and come in one piece.
        const status = Number(chunk.toString("latin1", 9, 12));
        this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
        socket.write(request);
      });
      socket.write(request);
      return socket;
    });
  }

  end(): { refused: number; served: number; otherwise: number[] } {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    const {
      429: refused = 0,
      200: served = 0,
      ...otherwise
    } = Object.fromEntries(this.#statuses) as Record<number, number>;
    return { refused, served, otherwise: Object.keys(otherwise).map(Number) };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
