/** Requests as bytes on a socket: what no HTTP client would send, sent as it is. */
import { connect, type Socket } from "node:net";
import { gunzipSync } from "node:zlib";

/** What came back, if anything. */
export interface RawAnswer {
  readonly status: number;
  /** By which the Worker's answers are known: what the runtime answers by itself has none. */
  readonly requestId: string | undefined;
  /** Everything that came, its body as a client would read it. */
  readonly text: string;
}

/** Longer than any answer takes, and as long as the wait for one that does not come. */
const SILENCE_MS = 2_000;

/** Sends pieces over a connection of their own, with a pause after each, and answers what came back until it ends. */
export async function exchange(
  url: string,
  pieces: readonly Uint8Array[],
  pauseMs = 0,
): Promise<RawAnswer | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const isHead = /^HEAD /.test(Buffer.from(pieces[0] ?? []).toString("latin1", 0, 5));
  const chunks: Buffer[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (isWhole(Buffer.concat(chunks), isHead)) {
      end();
    }
  });
  socket.on("close", end);
  // A server may close before it has read all: what it said until then counts.
  socket.on("error", end);
  socket.setTimeout(SILENCE_MS, end);
  await Promise.race([ended, write(socket, pieces, pauseMs).then(() => ended)]);
  socket.destroy();
  return answerIn(Buffer.concat(chunks));
}

async function write(socket: Socket, pieces: readonly Uint8Array[], pauseMs: number): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) {
      return;
    }
    socket.write(piece);
    if (pauseMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

const HEAD_END = "\r\n\r\n";

function split(bytes: Buffer): { head: string; body: Buffer } | undefined {
  const interim = /^HTTP\/1.1 1\d\d/.test(bytes.toString("latin1", 0, 12));
  const start = interim ? bytes.indexOf(HEAD_END) + HEAD_END.length : 0;
  const end = bytes.indexOf(HEAD_END, start);
  return end < 0
    ? undefined
    : { head: bytes.toString("latin1", start, end), body: bytes.subarray(end + HEAD_END.length) };
}

function isWhole(bytes: Buffer, isHead: boolean): boolean {
  const { head, body } = split(bytes) ?? {};
  if (head === undefined || body === undefined) {
    return false;
  }
  if (isHead || /^HTTP\/1.1 (204|304)/.test(head)) {
    return true;
  }
  const length = header(head, "content-length");
  return length === undefined
    ? /^transfer-encoding: chunked/im.test(head) && body.toString("latin1").endsWith("0\r\n\r\n")
    : body.length >= Number(length);
}

function answerIn(bytes: Buffer): RawAnswer | undefined {
  const { head, body } = split(bytes) ?? {};
  if (head === undefined || body === undefined) {
    return undefined;
  }
  const content = /^transfer-encoding: chunked/im.test(head) ? dechunked(body) : body;
  const isGzip = header(head, "content-encoding") === "gzip";
  return {
    status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]),
    requestId: header(head, "x-amzn-requestid"),
    text: `${head}\n\n${(isGzip ? gunzipSync(content) : content).toString("latin1")}`,
  };
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
}

function dechunked(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let rest = body; rest.length > 0; ) {
    const end = rest.indexOf("\r\n");
    const length = Number.parseInt(rest.toString("latin1", 0, end), 16);
    if (end < 0 || !(length > 0)) {
      break;
    }
    chunks.push(rest.subarray(end + 2, end + 2 + length));
    rest = rest.subarray(end + 2 + length + 2);
  }
  return Buffer.concat(chunks);
}
