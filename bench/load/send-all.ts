import type { Workerd } from "../../src/serve/workerd/start.ts";
import { type Account, accountOf } from "./account.ts";
import { type Answer, Connection } from "./connection.ts";

/** Whoever is sent to. */
export interface Server {
  /** With its port. */
  readonly url: string;
  /** What the kernel has accounted to it so far. */
  readonly account: () => Account;
}

/** What some requests came to. */
export interface Sample {
  /** Processor time of the server for one request. */
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Bytes that the server sent to the disk for one request. */
  readonly diskBytes: number;
  /** The part of one processor that the sender itself took: near 1 it would be the sender that is measured. */
  readonly senderShare: number;
}

export interface Sent {
  readonly sample: Sample;
  /** In the order of the requests. */
  readonly answers: readonly Answer[];
}

/** Sends each request once to a workerd, as below. */
export function sendAll(
  workerd: Workerd,
  requests: readonly Uint8Array[],
  connections: number,
  settled?: () => Promise<void>,
): Promise<Sent> {
  const pid = pidOf(workerd);
  return sendAllTo({ url: workerd.url, account: () => accountOf(pid) }, requests, connections, settled);
}

/**
 * Sends each request once, over so many connections at a time. What they answered is the caller's to judge. Processor time counts
 * until the server has settled, which may do some of its work after its answers.
 */
export async function sendAllTo(
  { url, account }: Server,
  requests: readonly Uint8Array[],
  connections: number,
  settled: () => Promise<void> = async () => undefined,
): Promise<Sent> {
  const port = Number(new URL(url).port);
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const answers = new Array<Answer>(requests.length);
  const millis = new Float64Array(requests.length);
  const queue = requests.entries();
  const before = account();
  const own = process.cpuUsage();
  const started = performance.now();
  await Promise.all(
    open.map(async (connection) => {
      for (const [index, request] of queue) {
        const sent = performance.now();
        answers[index] = await connection.send(request);
        millis[index] = performance.now() - sent;
      }
    }),
  );
  const tookMillis = performance.now() - started;
  const { user, system } = process.cpuUsage(own);
  await settled();
  const after = account();
  for (const connection of open) {
    connection.close();
  }
  millis.sort();
  const sample = {
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests.length,
    perSecond: (requests.length / tookMillis) * 1_000,
    p50Millis: millis[Math.floor(requests.length * 0.5)] ?? Number.NaN,
    p99Millis: millis[Math.floor(requests.length * 0.99)] ?? Number.NaN,
    diskBytes: (after.diskBytes - before.diskBytes) / requests.length,
    senderShare: (user + system) / 1_000 / tookMillis,
  };
  return { sample, answers };
}

/** The answers of another status: "ok" is any 2xx. */
export function othersThan(status: number | "ok", answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => (status === "ok" ? answer.status >= 300 : answer.status !== status));
}

/** Throws where any answer has another status, for then it is not the case that was measured. */
export function requireStatus(status: number | "ok", answers: readonly Answer[]): void {
  const [other] = othersThan(status, answers);
  if (other !== undefined) {
    throw new Error(`${status} was expected, and this came: ${other.status} ${other.body}`);
  }
}

export function pidOf({ process: { pid } }: Workerd): number {
  if (pid === undefined) {
    throw new Error("workerd was not started");
  }
  return pid;
}
