/** What one peer can do to a gateway with little effort: each takes something, and holds it until it is told to stop. */
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** Ends what it holds. */
export type Stop = () => void;

const LIST = "/rollcall.v1.AppInstanceUserEndpointService/ListAppInstanceUserEndpoints";
const HEALTH = "/grpc.health.v1.Health/Watch";
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

function ignore(): void {}

/**
 * Where those come from who take what they can: the gateway bounds what one address may hold, and has the longest idle connection of an
 * address give way, so an honest caller at the same one would rightly be turned away. Elsewhere than on Linux loopback has
 * one address.
 */
const ELSEWHERE = process.platform === "linux" ? { localAddress: "127.0.0.2" } : {};

function session(url: string): ClientHttp2Session {
  const { hostname, port } = new URL(url);
  const createConnection = () => connect({ host: hostname, port: Number(port), ...ELSEWHERE });
  return connectHttp2(url, { createConnection }).on("error", ignore);
}

function grpc(on: ClientHttp2Session, path: string) {
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  return on.request(headers, { endStream: false }).on("error", ignore).resume();
}

function open(url: string, from: { localAddress?: string } = {}): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), ...from })
    .on("error", ignore)
    .resume();
}

/** Heads that have begun, and nothing more. How many of them still stand is told by the sockets. */
export function halfHeads(url: string, count: number): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = open(url, ELSEWHERE);
    socket.write("POST /x HTTP/1.1\r\nX: ");
    return socket;
  });
}

/** Heads that go on, a letter now and then, so that no connection is ever silent. */
export function slowHeads(url: string, count: number): Stop {
  const all = halfHeads(url, count);
  const timer = setInterval(() => {
    for (const socket of all.filter(({ writable }) => writable)) {
      socket.write("x");
    }
  }, 500);
  return () => {
    clearInterval(timer);
    destroyAll(all);
  };
}

export function destroyAll(all: readonly Socket[]): void {
  for (const socket of all) {
    socket.destroy();
  }
}

/** Messages that are nearly whole, on as many streams as there may be. */
export function unfinishedBodies(url: string, connections: number, streams = 100): Stop {
  const part = Buffer.alloc(125_000);
  // Announces one byte more than comes.
  part.writeUInt32BE(part.length - 4, 1);
  return onSessions(url, connections, streams, (on) => grpc(on, LIST).write(part));
}

export function watches(url: string, connections: number, streams = 100): Stop {
  return onSessions(url, connections, streams, (on) => grpc(on, HEALTH).end(Buffer.alloc(5)));
}

function onSessions(url: string, connections: number, streams: number, begin: (on: ClientHttp2Session) => void): Stop {
  const all = Array.from({ length: connections }, () => session(url));
  for (const on of all) {
    for (let n = 0; n < streams; n++) {
      begin(on);
    }
  }
  return () => {
    for (const on of all) {
      on.destroy();
    }
  };
}

/** A machine that is busy with the attack is late with everything. */
const ANSWER_MAX_MS = 30_000;

const QUESTIONS_AT_ONCE = 500;
/** Of `file_by_filename: "a"`, enveloped: the least that can be asked. */
const QUESTIONS = Buffer.concat(Array(QUESTIONS_AT_ONCE).fill(Buffer.from([0, 0, 0, 0, 3, 0x1a, 1, 0x61])));

/** Asks reflection without end, on one stream, or on the next one where it ends; answers how much was asked. */
export async function reflectionFlood(url: string, ms: number): Promise<number> {
  const on = session(url);
  const end = Date.now() + ms;
  let asked = 0;
  while (Date.now() < end && !on.destroyed) {
    const stream = grpc(on, REFLECTION);
    let isOver = false;
    const closed = once(stream, "end").finally(() => {
      isOver = true;
    });
    while (Date.now() < end && stream.writable && !isOver) {
      asked += QUESTIONS_AT_ONCE;
      if (!stream.write(QUESTIONS)) {
        await Promise.race([once(stream, "drain"), closed, wait(1_000)]).catch(ignore);
      }
    }
    stream.destroy();
  }
  on.destroy();
  return asked;
}

/** Over one connection of HTTP/1.1: a body that is too large, and then a call; answers the statuses, or what came in their place. */
export async function callAfterLargeBody(url: string, bytes: number): Promise<(number | string)[]> {
  const { host } = new URL(url);
  const statuses: (number | string)[] = [];
  let socket: Socket | undefined;
  const ask = async (body: Uint8Array) => {
    if (socket === undefined || socket.destroyed || socket.readableEnded) {
      socket = open(url);
    }
    const asked = socket;
    const asking = Date.now();
    asked.write(
      `POST ${LIST} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/proto\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    asked.write(body);
    const answer = await Promise.race([
      once(asked, "data").then(([data]) => String(data), String),
      once(asked, "close").then(() => "closed", String),
      wait(ANSWER_MAX_MS, "nothing", { ref: false }),
    ]);
    const status = /^HTTP\/1.1 (\d+)/.exec(answer)?.[1];
    statuses.push(status ? Number(status) : `${answer.slice(0, 80)} after ${Date.now() - asking} ms`);
    if (/\r\nconnection: close\r\n/i.test(answer)) {
      asked.destroy();
    }
    // An answer of some length may come in several pieces.
    await wait(50);
  };
  await ask(Buffer.alloc(bytes));
  await ask(Buffer.alloc(0));
  socket?.destroy();
  return statuses;
}
