import { setTimeout } from "node:timers/promises";
import { type Answer, Connection } from "./connection.ts";

/** A request, and when it is made, in milliseconds after the first moment. */
export interface Arrival {
  readonly atMillis: number;
  readonly request: Uint8Array;
}

/** What came of one. */
export interface Served {
  readonly atMillis: number;
  /** From when it was to be made until its success. */
  readonly tookMillis: number;
  readonly requests: number;
}

/** More often than any caller would call again. */
const REQUESTS_MAX = 100;

/**
 * Makes each request when its time has come, however long the others take, as callers do who know nothing of each other. They share so
 * many connections, as behind a proxy, and wait for one where none is free. Who is told to come later does so. Throws on any other refusal.
 */
export async function sendWhen(port: number, arrivals: readonly Arrival[], connections: number): Promise<Served[]> {
  const pool = new Pool(await Promise.all(Array.from({ length: connections }, () => Connection.open(port))));
  try {
    const started = performance.now();
    return await Promise.all(
      arrivals.map(async ({ atMillis, request }) => {
        await setTimeout(atMillis);
        for (let requests = 1; requests <= REQUESTS_MAX; requests++) {
          const answer = await pool.send(request);
          if (answer.status < 300) {
            return { atMillis, tookMillis: performance.now() - started - atMillis, requests };
          }
          // Those who were refused together must not come back together.
          await setTimeout(waitMillis(answer) * (1 + Math.random()));
        }
        throw new Error("a call was refused again and again");
      }),
    );
  } finally {
    pool.close();
  }
}

/** So many moments within a time, in which callers call who know nothing of each other. */
export function moments(count: number, withinMillis: number): number[] {
  return Array.from({ length: count }, () => Math.random() * withinMillis).sort((a, b) => a - b);
}

/** Connections of which each carries one request at a time; who comes first is served first. */
class Pool {
  readonly #all: readonly Connection[];
  readonly #free: Connection[];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  constructor(connections: readonly Connection[]) {
    this.#all = connections;
    this.#free = [...connections];
  }

  async send(request: Uint8Array): Promise<Answer> {
    const connection =
      this.#free.pop() ?? (await new Promise<Connection>((resolve) => void this.#waiting.push(resolve)));
    try {
      return await connection.send(request);
    } finally {
      const next = this.#waiting.shift();
      next === undefined ? this.#free.push(connection) : next(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) {
      connection.close();
    }
  }
}

/** Throws where nobody said how long to wait. */
function waitMillis({ status, head, body }: Answer): number {
  const seconds = /\r\nretry-after: *(\d+)\r\n/i.exec(head)?.[1];
  if (seconds === undefined) {
    throw new Error(`a success was expected, and this came: ${status} ${body}`);
  }
  return Number(seconds) * 1_000;
}
