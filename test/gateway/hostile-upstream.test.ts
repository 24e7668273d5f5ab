import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALLERS, type Outcome } from "../support/callers.ts";
import { httpUpstream, LISTED, rawUpstream } from "../support/fake-upstream.ts";
import { gatewayTo } from "../support/gateway.ts";
import { freshUserArn } from "../support/requests.ts";

/** Headers and body of an answer to a List; the headers are written as they stand. */
function answered(headers: string, body: string | Uint8Array = LISTED, status = "200 OK") {
  return (socket: Socket) => {
    socket.write(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n`, "latin1");
    socket.end(body);
  };
}

const PROTO = "content-type: application/proto\r\nconnection: close";

const INFO = {
  type: "google.rpc.ErrorInfo",
  value: Buffer.from("\x0a\x08INTERNAL\x12\x08rollcall").toString("base64"),
};

/** An error as Rollcall would tell it, but for what is changed in it. */
function refusal(changes: object, headers = "content-type: application/json\r\nconnection: close") {
  const body = JSON.stringify({ code: "internal", message: "Something broke.", details: [INFO], ...changes });
  return answered(headers, body, "500 Internal Server Error");
}

const CHUNKED = `${LISTED.length.toString(16)}\r\n${Buffer.from(LISTED).toString("latin1")}\r\n`;

/** What upstream does, and the codes that callers may be told of it. */
const DEEDS: Record<string, { answer: (socket: Socket) => void; codes: readonly string[] }> = {
  "names headers of its connection": {
    answer: answered(
      `${PROTO}, x-named\r\nkeep-alive: timeout=5\r\nproxy-connection: keep-alive\r\nte: gzip\r\nupgrade: h2c\r\nx-named: 1`,
    ),
    codes: ["ok"],
  },
  "sends chunks and trailers": {
    answer: answered(
      `content-type: application/proto\r\nconnection: close\r\ntransfer-encoding: chunked\r\ntrailer: x-late`,
      `${CHUNKED}0\r\nx-late: 1\r\n\r\n`,
    ),
    codes: ["ok"],
  },
  "sends the same header many times": {
    answer: answered(`${PROTO}${"\r\nx-twice: 1".repeat(50)}\r\nset-cookie: a=1\r\nset-cookie: b=2`),
    codes: ["ok"],
  },
  "sends headers that are gRPC's": {
    answer: answered(
      `${PROTO}\r\ngrpc-status: 7\r\ngrpc-message: no\r\ngrpc-encoding: none\r\ngrpc-retry-pushback-ms: 1\r\ntrailer-grpc-status: 7`,
    ),
    codes: ["ok"],
  },
  "sends values beyond ASCII": { answer: answered(`${PROTO}\r\nx-odd: \xff\xfe\r\nx-tab: a\tb`), codes: ["ok"] },
  "refuses in chunks": {
    answer: (socket) => {
      const body = JSON.stringify({ code: "internal", message: "Something broke.", details: [INFO] });
      answered(
        "content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close",
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        "500 No",
      )(socket);
    },
    codes: ["internal"],
  },
  "refuses with headers of its connection": {
    answer: refusal(
      {},
      "content-type: application/json\r\nconnection: close, x-named\r\nkeep-alive: 1\r\nupgrade: h2c\r\nx-named: 1\r\nte: gzip\r\ntrailer-connection: close\r\ntrailer-te: 1",
    ),
    codes: ["internal"],
  },
  "refuses with a message that is no text": {
    answer: refusal({ message: "\ud800 \u0000 \r\n grpc-status: 0" }),
    codes: ["internal"],
  },
  "refuses with a code that there is not": { answer: refusal({ code: "teapot" }), codes: ["internal", "unknown"] },
  "refuses with garbage for details": {
    answer: refusal({ details: [INFO, { type: "google.rpc.RetryInfo", value: "////" }] }),
    codes: ["internal"],
  },
  "refuses with a megabyte of details": {
    answer: refusal({ details: [INFO, { type: "x", value: Buffer.alloc(500_000).toString("base64") }] }),
    codes: ["internal", "unavailable", "unknown", "resource_exhausted", "canceled"],
  },
  "refuses for a negative time": {
    answer: refusal({
      details: [
        INFO,
        { type: "google.rpc.RetryInfo", value: Buffer.from([10, 11, 8, ...Array(9).fill(255), 1]).toString("base64") },
      ],
    }),
    codes: ["internal"],
  },
  "says OK with a page": {
    answer: answered("content-type: text/html\r\nconnection: close", "<html>"),
    codes: ["unavailable"],
  },
  "says OK with garbage": { answer: answered(PROTO, "\xff\xff\xff garbage"), codes: ["unavailable"] },
  "says OK with more than a page of endpoints": {
    answer: answered(PROTO, Buffer.alloc(3_000_000)),
    codes: ["unavailable"],
  },
  "compresses what is not": {
    answer: answered(`${PROTO}\r\ncontent-encoding: gzip`, "not gzip"),
    codes: ["unavailable"],
  },
  "compresses by a way of its own": { answer: answered(`${PROTO}\r\ncontent-encoding: zz`), codes: ["unavailable"] },
  redirects: {
    answer: answered("location: http://127.0.0.1:1/\r\nconnection: close", "", "302 Found"),
    codes: ["unavailable"],
  },
  // Node ends such a connection without a word to whoever asked.
  "switches protocols": {
    answer: answered("connection: upgrade\r\nupgrade: h2c", "", "101 Switching Protocols"),
    codes: ["deadline_exceeded"],
  },
  "hints early, and then answers": {
    answer: (socket) => {
      socket.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n");
      answered(PROTO)(socket);
    },
    codes: ["ok"],
  },
  "sends headers without end": {
    answer: answered(`${PROTO}\r\nx-long: ${"x".repeat(100_000)}`),
    codes: ["unavailable"],
  },
  "speaks no HTTP": { answer: (socket) => void socket.end("\x00\x01\x02 hello"), codes: ["unavailable"] },
  "announces two lengths": {
    answer: answered(`${PROTO}\r\ncontent-length: 1\r\ncontent-length: 2`),
    codes: ["unavailable"],
  },
  "announces a length and chunks": {
    answer: answered(`${PROTO}\r\ncontent-length: 6\r\ntransfer-encoding: chunked`),
    codes: ["unavailable"],
  },
  "ends before its body does": { answer: answered(`${PROTO}\r\ncontent-length: 100`), codes: ["unavailable"] },
  "resets in the middle of its body": {
    answer: (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${PROTO}\r\ncontent-length: 100\r\n\r\nx`, () => socket.resetAndDestroy());
    },
    codes: ["unavailable"],
  },
  "resets in the middle of its headers": {
    answer: (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-ty", () => socket.resetAndDestroy()),
    codes: ["unavailable"],
  },
  "closes without a word": { answer: (socket) => void socket.end(), codes: ["unavailable"] },
  "resets without a word": { answer: (socket) => void socket.resetAndDestroy(), codes: ["unavailable"] },
};

let deed: (socket: Socket) => void = answered(PROTO);
const gateway = gatewayTo(() => rawUpstream((socket) => deed(socket)));
const sane = gatewayTo(() =>
  httpUpstream((_, response) => response.writeHead(200, { "content-type": "application/proto" }).end(LISTED)),
);

const uncaught: unknown[] = [];
const note = (error: unknown) => uncaught.push(error);
beforeAll(() => {
  process.on("uncaughtExceptionMonitor", note);
});
afterAll(() => {
  process.off("uncaughtExceptionMonitor", note);
});

function list(url: string, client: string): Promise<Outcome> {
  const call = CALLERS[client]?.(url) ?? expect.fail(`there is no ${client}`);
  return call("ListAppInstanceUserEndpoints", { appInstanceUserArn: freshUserArn() }, { timeoutMs: 2_000 });
}

describe.each(["grpc-js", "connect-es gRPC-Web", "connect-es Connect"])(
  "an upstream that %s calls through the gateway",
  (client) => {
    it.each(Object.entries(DEEDS))("%s: no harm is done", async (_, { answer, codes }) => {
      deed = answer;
      const outcome = await list(gateway.url, client);
      expect(codes).toContain(outcome.code);
      for (const name of ["transfer-encoding", "keep-alive", "x-named", "x-odd", "upgrade", "te"]) {
        expect(outcome.metadata.has(name)).toBe(false);
      }
      deed = answered(PROTO);
      expect((await list(gateway.url, client)).code).toBe("ok");
      expect((await list(sane.url, client)).code).toBe("ok");
      expect(uncaught).toEqual([]);
      expect(gateway.lines.filter((line) => line.includes('"event":"bug"'))).toEqual([]);
    });
  },
);
