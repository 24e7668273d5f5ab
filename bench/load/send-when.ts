import { setTimeout } from "node:timers/promises";
import type { Answer } from "./connection.ts";
import { Pool } from "./pool.ts";

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
  const pool = await Pool.open(port, connections);
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

/** Throws where nobody said how long to wait. */
function waitMillis({ status, head, body }: Answer): number {
  const seconds = /\r\nretry-after: *(\d+)\r\n/i.exec(head)?.[1];
  if (seconds === undefined) {
    throw new Error(`a success was expected, and this came: ${status} ${body}`);
  }
  return Number(seconds) * 1_000;
}
