import { type EventEmitter, once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  destroyAll,
  halfHeads,
  reflectionFlood,
  type Stop,
  unfinishedBodies,
  watches,
} from "../../torture/gateway/peers.ts";
import { grpcJs } from "../support/callers.ts";
import { httpUpstream, LISTED } from "../support/fake-upstream.ts";
import { gatewayTo } from "../support/gateway.ts";
import { freshUserArn } from "../support/requests.ts";

const LIST = "ListAppInstanceUserEndpoints";
const PATH = `/rollcall.v1.AppInstanceUserEndpointService/${LIST}`;

const gateway = gatewayTo(() =>
  httpUpstream((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/proto" }).end(LISTED);
  }),
);

const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
beforeAll(() => {
  process.on("uncaughtExceptionMonitor", note);
});
afterAll(() => {
  process.off("uncaughtExceptionMonitor", note);
});

/** However it ends. */
function closed(stream: EventEmitter): Promise<void> {
  return new Promise((resolve) => stream.on("close", () => resolve()));
}

/** Writes bytes, and waits until the gateway has answered or hung up. */
async function sendBytes(...bytes: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1").on("error", () => {});
  for (const part of bytes) {
    socket.write(part, "latin1" as never);
  }
  socket.setTimeout(500, () => socket.destroy()).resume();
  await closed(socket);
}

const GRPC = { ":method": "POST", ":path": PATH, "content-type": "application/grpc", te: "trailers" };
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const EMPTY = Buffer.alloc(5);

/** Asks which file a service is in, to which the answer is many files. */
const SYMBOL = Buffer.from("rollcall.v1.AppInstanceUserEndpointService");
const WHOLE_SERVICE = Buffer.from([0, 0, 0, 0, SYMBOL.length + 2, 0x22, SYMBOL.length, ...SYMBOL]);

async function forAWhile(stop: Stop): Promise<void> {
  await wait(500);
  stop();
}

/** Makes a request over HTTP/2 and waits until it has ended, however that is. */
async function request(headers: Record<string, string | string[]>, body: Uint8Array | null = EMPTY): Promise<void> {
  await withSession(async (session) => {
    const stream = session
      .request(headers, { endStream: false })
      .on("error", () => {})
      .resume();
    if (body !== null) {
      stream.end(body);
    }
    stream.setTimeout(500, () => stream.close(constants.NGHTTP2_CANCEL));
    await closed(stream);
  });
}

async function withSession(act: (session: ClientHttp2Session) => Promise<void>): Promise<void> {
  const session = connectHttp2(gateway.url).on("error", () => {});
  try {
    await act(session);
  } finally {
    session.destroy();
  }
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

const DEEDS: Record<string, () => Promise<void>> = {
  "says nothing": () => sendBytes(),
  "says one letter": () => sendBytes("P"),
  "says it in pieces": () => sendBytes("P", "R", "I", " * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  "speaks neither version": () => sendBytes("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello"),
  "speaks HTTP/1.1 badly": () => sendBytes("GET /\x00 HTTP/1.1\r\nhost: \r\n\r\n"),
  "names no host in HTTP/1.1": () =>
    sendBytes(`POST ${PATH} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`),
  "names a host that makes no URL": () =>
    sendBytes(`POST ${PATH} HTTP/1.1\r\nhost: a b[\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`),
  "ends its body early": () =>
    sendBytes(`POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 200\r\n\r\n{}`),
  "sends frames that are none": () => sendBytes(PREFACE, SETTINGS, Buffer.alloc(200, 0xff)),
  "sends a frame that is too large": () =>
    sendBytes(PREFACE, SETTINGS, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]), Buffer.alloc(70_000)),
  "sends data before headers": () => sendBytes(PREFACE, SETTINGS, Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 1, 0])),
  "names an authority that makes no URL": () => request({ ...GRPC, ":authority": "a b[" }),
  "names a path that makes no URL": () => request({ ...GRPC, ":path": `//[${PATH}` }),
  "asks for its path with an odd query": () => request({ ...GRPC, ":path": `${PATH}?%zz&\x7f` }),
  "connects to a tunnel": () => request({ ":method": "CONNECT", ":authority": "a:1" }),
  "sends the same header a hundred times": () => request({ ...GRPC, "x-many": Array(100).fill("1") }),
  "sends values beyond ASCII": () => request({ ...GRPC, "x-odd": "\xff" }),
  "sends a deadline of nonsense": () => request({ ...GRPC, "grpc-timeout": "-1H" }),
  "sends a deadline of nothing": () => request({ ...GRPC, "grpc-timeout": "0m" }),
  "sends no message": () => request(GRPC, new Uint8Array()),
  "sends two messages": () => request(GRPC, Buffer.alloc(10)),
  "announces a message of 4 GiB": () => request(GRPC, Buffer.from([0, 0xff, 0xff, 0xff, 0xff])),
  "sends a megabyte": () => request(GRPC, Buffer.alloc(1_000_000)),
  "sends gzip that is none": () => request({ ...GRPC, "grpc-encoding": "gzip" }, Buffer.from([1, 0, 0, 0, 1, 0])),
  "never ends its message": () => request(GRPC, null),
  "asks reflection with garbage": () =>
    request({ ...GRPC, ":path": REFLECTION }, Buffer.from([0, 0, 0, 0, 3, 255, 255, 255])),
  "asks reflection without end": async () => void (await reflectionFlood(gateway.url, 500)),
  "leaves heads half open": async () => {
    const heads = halfHeads(gateway.url, 500);
    await wait(200);
    destroyAll(heads);
  },
  "leaves a thousand messages unfinished": () => forAWhile(unfinishedBodies(gateway.url, 10)),
  "watches a thousand times": () => forAWhile(watches(gateway.url, 10)),
  "sends headers beyond every bound in HTTP/1.1": () =>
    sendBytes(`POST ${PATH} HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(300_000)}\r\n\r\n`),
  "sends headers beyond every bound in HTTP/2": () => request({ ...GRPC, "x-large": "x".repeat(300_000) }),
  "asks and does not read": () =>
    withSession(async (session) => {
      for (let n = 0; n < 100; n++) {
        session
          .request({ ...GRPC, ":path": REFLECTION })
          .on("error", () => {})
          .end(WHOLE_SERVICE);
      }
      await wait(300);
    }),
  "sends base64 that is none": () =>
    request({ ...GRPC, "content-type": "application/grpc-web-text" }, Buffer.from("====A=!")),
  "asks health in a megabyte": () =>
    request({ ...GRPC, ":path": "/grpc.health.v1.Health/Check" }, Buffer.alloc(1_000_000)),
  "opens a thousand streams and resets them": () =>
    withSession(async (session) => {
      for (let n = 0; n < 1_000 && !session.destroyed; n++) {
        session
          .request(GRPC)
          .on("error", () => {})
          .close(constants.NGHTTP2_CANCEL);
      }
      await Promise.race([once(session, "close"), new Promise((resolve) => session.ping(resolve))]).catch(() => {});
    }),
  "hangs up in the middle of answers": () =>
    withSession(async (session) => {
      const streams = Array.from({ length: 50 }, () => session.request(GRPC).on("error", () => {}));
      for (const stream of streams) {
        stream.end(EMPTY);
      }
      await once(streams[0] as (typeof streams)[0], "response");
    }),
};

describe("a caller that", () => {
  it.each(Object.entries(DEEDS))("%s does no harm", async (_, act) => {
    await act();
    expect(await grpcJs(gateway.url)(LIST, { appInstanceUserArn: freshUserArn() })).toMatchObject({ code: "ok" });
    expect(uncaught).toEqual([]);
    expect(gateway.lines.filter((line) => line.includes('"event":"bug"'))).toEqual([]);
  });
});

/** Two calls by HTTP/1.1 on one connection, the second behind the first; answers the statuses, until it is closed. */
async function statusesOf(headers: string, body: Uint8Array): Promise<string[]> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1").on("error", () => {});
  const head = `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-type: application/proto\r\n`;
  socket.write(`${head}${headers}content-length: ${body.byteLength}\r\n\r\n`);
  socket.write(body);
  socket.write(`${head}content-length: 0\r\nconnection: close\r\n\r\n`);
  socket.setTimeout(5_000, () => socket.destroy(new Error("silent")));
  return Array.from((await text(socket)).matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = ""]) => status);
}

it.each([
  ["in an encoding that there is not", "content-encoding: br\r\n", 1_000_000, "501"],
  ["signed", "authorization: AWS4-HMAC-SHA256 Credential=x\r\n", 1_000_000, "401"],
  ["too large", "", 1_000_000, "429"],
  ["far too large", "", 20_000_000, "429"],
])(
  "a call that is refused because it is %s does not hold up the next on its connection",
  async (_, headers, bytes, status) => {
    expect(await statusesOf(headers, new Uint8Array(bytes))).toEqual([status, "200"]);
  },
);

it("a method that there is not is unimplemented, for gRPC in its own words", async () => {
  await withSession(async (session) => {
    const stream = session.request({ ...GRPC, ":path": `${PATH}Again` }).end(EMPTY);
    const [headers] = await once(stream, "response");
    expect(headers).toMatchObject({ ":status": 200, "grpc-status": "12" });
  });
  for (const type of ["application/grpc-web", "application/grpc-web+proto"]) {
    const web = await fetch(`${gateway.url}${PATH}Again`, {
      method: "POST",
      headers: { "content-type": type },
      body: EMPTY,
    });
    const [told, status] = ["content-type", "grpc-status"].map((name) => web.headers.get(name));
    expect([web.status, told, status]).toEqual([200, type, "12"]);
  }
  const response = await fetch(`${gateway.url}/app-instance-users/x/endpoints`);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: "unimplemented", message: expect.stringContaining("REST") });
});
