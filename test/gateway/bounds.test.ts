/** What the gateway bounds, and what it says beyond: docs/grpc.md names the numbers. */
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, constants, type IncomingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hostOf } from "../../src/gateway/address.ts";
import { Arrival } from "../../src/gateway/arrival.ts";
import { Connections } from "../../src/gateway/connections.ts";
import { HEAD_MAX_MS, REFLECTION_REQUESTS_MAX, WATCHES_MAX } from "../../src/gateway/limits.ts";
import { Room } from "../../src/gateway/room.ts";
import { until } from "../../src/gateway/until.ts";
import { destroyAll, halfHeads } from "../../torture/gateway/peers.ts";
import { httpUpstream, LISTED } from "../support/fake-upstream.ts";
import { gatewayTo } from "../support/gateway.ts";

const PATH = "/rollcall.v1.AppInstanceUserEndpointService/ListAppInstanceUserEndpoints";
const HEALTH = "/grpc.health.v1.Health";
const REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const GRPC = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
const EMPTY = Buffer.alloc(5);

const gateway = gatewayTo(() =>
  httpUpstream((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/proto" }).end(LISTED);
  }),
);

const sessions: ClientHttp2Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) {
    session.destroy();
  }
});

function session(): ClientHttp2Session {
  // Node's client sends no more of headers than this.
  const made = connectHttp2(gateway.url, { maxSendHeaderBlockLength: 2 ** 20 }).on("error", () => {});
  sessions.push(made);
  return made;
}

/** A call of gRPC's: what its headers and trailers say together. */
async function grpc(on: ClientHttp2Session, headers: Record<string, string>, body: Uint8Array = EMPTY) {
  const stream = on.request({ ...GRPC, ...headers }).resume();
  let told: IncomingHttpHeaders = {};
  for (const event of ["response", "trailers"] as const) {
    stream.on(event, (more: IncomingHttpHeaders) => {
      told = { ...told, ...more };
    });
  }
  stream.end(body);
  await once(stream, "close");
  return told;
}

function post(path: string, contentType: string, body: BodyInit, headers: Record<string, string> = {}) {
  return fetch(gateway.url + path, { method: "POST", body, headers: { "content-type": contentType, ...headers } });
}

function isOpen({ readyState }: Socket): boolean {
  return readyState === "open";
}

describe("what is refused over HTTP/1.1", () => {
  it.each([
    ["GET", "application/json", 405, "allow", "POST"],
    ["POST", "text/plain", 415, "accept-post", expect.stringContaining("application/proto")],
  ])("tells what would be taken: %s %s", async (method, type, status, header, value) => {
    const answer = await fetch(gateway.url + PATH, { method, headers: { "content-type": type } });
    expect([answer.status, answer.headers.get(header)]).toEqual([status, value]);
  });

  it("is answered where the host that it names is none", async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: a b[\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
    );
    const [answer] = await once(socket, "data");
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

it("HEAD is answered over HTTP/2 as over HTTP/1.1: without a body, and to its end", async () => {
  const shared = session();
  // The first alone was often answered.
  for (let call = 0; call < 10; call++) {
    let status: unknown;
    const stream = shared.request({ ":method": "HEAD", ":path": "/x" }, { endStream: true });
    stream.on("response", (headers) => {
      status = headers[":status"];
    });
    stream.on("error", () => {}).resume();
    await new Promise((resolve) => stream.on("close", resolve));
    expect([status, stream.rstCode]).toEqual([404, constants.NGHTTP2_NO_ERROR]);
  }
  expect((await fetch(`${gateway.url}/x`, { method: "HEAD" })).status).toBe(404);
});

it("a timeout or an encoding of another protocol is metadata like any other", async () => {
  expect(await grpc(session(), { ":path": PATH, "connect-timeout-ms": "x" })).toMatchObject({ "grpc-status": "0" });
  const { status } = await post(PATH, "application/proto", "", { "grpc-timeout": "x", "grpc-encoding": "br" });
  expect(status).toBe(200);
});

describe("what stands half open", () => {
  it("ends after its bound, and others are served meanwhile", async () => {
    const { hostname, port } = new URL(gateway.url);
    const heads = halfHeads(gateway.url, 3_000);
    const others = [
      "",
      "P",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      // A call before it, and then half a head.
      `POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\nPOST /x HTTP/1.1\r\nX: `,
    ].map((text) => {
      const socket = connect(Number(port), hostname).on("error", () => {});
      socket.resume().write(text);
      return socket;
    });
    try {
      await expect.poll(() => heads.some(isOpen), { timeout: 5_000 }).toBe(true);
      expect((await post(PATH, "application/json", "{}")).status).toBe(200);
      expect(await grpc(session(), { ":path": PATH })).toMatchObject({ "grpc-status": "0" });
      const standing = () => [...heads, ...others].filter(({ readyState }) => readyState !== "closed").length;
      await expect.poll(standing, { timeout: 2 * HEAD_MAX_MS, interval: 250 }).toBe(0);
    } finally {
      destroyAll([...heads, ...others]);
    }
  });

  it("is told so where HTTP/1.1 has begun", async () => {
    const [socket] = halfHeads(gateway.url, 1) as [Socket];
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 408 .*took too long/s);
  });
});

describe("a stream of reflection", () => {
  it("keeps nothing of what was asked", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    let grown = 0;
    async function* questions(): AsyncGenerator<number> {
      for (let n = 0; n < 200_000; n++) {
        yield n;
      }
      grown = heap() - before;
    }
    for await (const _ of until(new AbortController().signal, questions())) {
      // Each is asked, and answered.
    }
    expect(grown).toBeLessThan(10_000_000);
  });

  it("ends with words after as many requests as it answers", async () => {
    const question = Buffer.from([0, 0, 0, 0, 3, 0x1a, 1, 0x61]);
    const many = Buffer.concat(Array(REFLECTION_REQUESTS_MAX).fill(question));
    expect(await grpc(session(), { ":path": REFLECTION }, many)).toMatchObject({ "grpc-status": "0" });
    expect(await grpc(session(), { ":path": REFLECTION }, Buffer.concat([many, question]))).toMatchObject({
      "grpc-status": "8",
      "grpc-message": expect.stringContaining(String(REFLECTION_REQUESTS_MAX)),
    });
  });
});

it("there are only so many health watches at once, and each gives its place back", async () => {
  const holders = Array.from({ length: WATCHES_MAX / 100 }, () => session());
  const streams = holders.flatMap((on) =>
    Array.from({ length: 100 }, () => {
      const stream = on.request({ ...GRPC, ":path": `${HEALTH}/Watch` }).on("error", () => {});
      stream.resume().end(EMPTY);
      return stream;
    }),
  );
  await Promise.all(streams.map((stream) => once(stream, "data")));
  const another = () => grpc(session(), { ":path": `${HEALTH}/Watch`, "grpc-timeout": "1S" });
  expect(await another()).toMatchObject({ "grpc-status": "8" });
  expect(await grpc(session(), { ":path": `${HEALTH}/Check` })).toMatchObject({ "grpc-status": "0" });
  for (const holder of holders) {
    holder.destroy();
  }
  await expect.poll(another, { timeout: 10_000 }).toMatchObject({ "grpc-status": "0" });
});

describe("over HTTP/1.1, a call whose body is not wanted", () => {
  const CALLS: Record<string, [path: string, headers: string, status: number]> = {
    "too large": [PATH, "", 429],
    "to a method that there is not": ["/x", "", 404],
    "with a signature": [PATH, "authorization: AWS4-HMAC-SHA256 x\r\n", 401],
    "in an encoding that there is not": [PATH, "content-encoding: br\r\n", 501],
    "with headers that are too large": [PATH, `x: ${"x".repeat(70_000)}\r\n`, 429],
    "to health, in a megabyte": [`${HEALTH}/Check`, "", 429],
  };

  async function ask(socket: Socket, path: string, headers: string, body: Uint8Array) {
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/proto\r\n${headers}content-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    const [head] = (await once(socket, "data", { signal: AbortSignal.timeout(5_000) })) as [Buffer];
    return String(head);
  }

  it.each(Object.entries(CALLS))("%s leaves its connection to the next call", async (_, [path, headers, status]) => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1").on("error", () => {});
    expect(await ask(socket, path, headers, Buffer.alloc(1_000_000))).toContain(`HTTP/1.1 ${status} `);
    await wait(100);
    expect(await ask(socket, PATH, "", Buffer.alloc(0))).toContain("HTTP/1.1 200 ");
    socket.destroy();
  });

  it("and does not end, closes its connection", async () => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1").on("error", () => {});
    const head = `POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n`;
    const closed = once(socket, "close");
    socket.write(head);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 404 .*connection: close/is);
    await closed;
  });
});

describe("a caller is answered in the protocol that it speaks", () => {
  const LARGE = { "x-large-1": "x".repeat(40_000), "x-large-2": "x".repeat(40_000) };

  it.each([
    ["of a method that there is not", "/a.B/C", {}, { status: 404, code: "unimplemented", number: 12 }],
    ["of headers that are too large", PATH, LARGE, { status: 429, code: "resource_exhausted", number: 8 }],
  ])("%s", async (_, path, headers, { status, code, number }) => {
    expect(await grpc(session(), { ":path": path, ...headers })).toMatchObject({
      "content-type": "application/grpc",
      "grpc-status": String(number),
    });
    for (const type of ["application/grpc-web+proto", "application/grpc-web-text"]) {
      const web = await post(path, type, type.includes("text") ? "AAAAAAA=" : EMPTY, headers);
      const told = ["content-type", "grpc-status"].map((name) => web.headers.get(name));
      expect([web.status, ...told]).toEqual([200, type, String(number)]);
    }
    const connect = await post(path, "application/json", "{}", headers);
    expect(connect.status).toBe(status);
    expect(await connect.json()).toMatchObject({ code });
  });

  it("of an encoding that there is not, with those that there are", async () => {
    const encoding = { "grpc-encoding": "br" };
    expect(await grpc(session(), { ":path": PATH, ...encoding })).toMatchObject({
      "grpc-status": "12",
      "grpc-accept-encoding": "gzip,identity",
      "grpc-message": expect.stringContaining("gzip%20or%20identity"),
    });
    const web = await post(PATH, "application/grpc-web", EMPTY, encoding);
    expect(web.headers.get("grpc-accept-encoding")).toBe("gzip,identity");
    expect(await web.text()).toContain("grpc-status: 12\r\n");
  });

  it("of headers that are not read to their end, in words all the same", async () => {
    const response = await post(PATH, "application/json", "{}", { "x-large": "x".repeat(200_000) });
    expect(response.status).toBe(431);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("64 KiB") });
  });

  it("and tokens as large as they get are no trouble", async () => {
    const large = { authorization: `Bearer ${"x".repeat(60_000)}` };
    expect(await grpc(session(), { ":path": PATH, ...large })).toMatchObject({ "grpc-status": "0" });
    expect((await post(PATH, "application/json", "{}", large)).status).toBe(200);
  });
});

describe("gRPC-Web's text form", () => {
  /** What is in the frames of an answer. */
  async function framesOf(response: Response): Promise<Buffer> {
    expect(response.headers.get("content-type")).toBe("application/grpc-web-text+proto");
    const parts = (await response.text()).match(/[^=]+={0,2}/g) ?? [];
    return Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
  }

  it.each([
    ["is forwarded", PATH, Buffer.from(LISTED)],
    ["is served by health", `${HEALTH}/Check`, Buffer.from([8, 1])],
  ])("%s", async (_, path, message) => {
    const frames = await framesOf(await post(path, "application/grpc-web-text", "AAAAAAA="));
    expect(frames.subarray(5, 5 + message.length)).toEqual(message);
    expect(frames.toString("latin1")).toContain("grpc-status: 0\r\n");
  });

  it.each([PATH, `${HEALTH}/Check`])("that is none is refused in it: %s", async (path) => {
    const frames = await framesOf(await post(path, "application/grpc-web-text", "AAAA!!!!"));
    expect(frames.toString("latin1")).toMatch(/grpc-message: .*base64.*grpc-status: 3\r\n/s);
  });
});

describe("where there is no more room", () => {
  it("the request that has been arriving for longest gives way", () => {
    const gone: string[] = [];
    const room = new Room(100);
    const [slow, whole, quick] = ["slow", "whole", "quick"].map((name) => room.enter(() => gone.push(name)));
    whole?.take(40);
    whole?.arrived();
    slow?.take(40);
    quick?.take(20);
    expect(gone).toEqual([]);
    quick?.take(10);
    expect(gone).toEqual(["slow"]);
    quick?.take(30);
    expect(gone).toEqual(["slow"]);
    // What is left holds its own, so the last one that still arrives gives way itself.
    quick?.take(30);
    expect(gone).toEqual(["slow", "quick"]);
    whole?.leave();
    const next = room.enter(() => gone.push("next"));
    next.take(100);
    expect(gone).toHaveLength(2);
    // Whose answer is over leaves, be it once more.
    for (const place of [slow, whole, quick, next]) {
      place?.leave();
    }
    expect(room.bytes).toBe(0);
  });

  it("a request in crumbs counts for what it takes, and keeps nothing that came beside it", async () => {
    const room = new Room(100_000);
    async function* crumbs() {
      for (let n = 0; n < 1_000; n++) {
        yield Buffer.alloc(60_000).subarray(n, n + 1);
      }
    }
    const request = { rawHeaders: [], iterator: crumbs } as unknown as ConstructorParameters<typeof Arrival>[0];
    const arrival = new Arrival(request, room, 10_000);
    const kept: Uint8Array[] = [];
    const read = async () => {
      for await (const chunk of arrival.read(undefined).body as AsyncIterable<Uint8Array>) {
        kept.push(chunk);
      }
    };
    await expect(read()).rejects.toThrow("as many calls as it can hold");
    arrival.leave();
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.map(({ buffer }) => buffer.byteLength)).toEqual(kept.map(() => 1));
  });

  it("a request that was whole in time is not too slow, however long its answer takes", async () => {
    async function* whole() {
      yield Buffer.alloc(1);
    }
    const request = { rawHeaders: [], iterator: whole } as unknown as ConstructorParameters<typeof Arrival>[0];
    const arrival = new Arrival(request, new Room(), 50);
    const { body, signal } = arrival.read(undefined);
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      expect(chunk).toHaveLength(1);
    }
    await wait(100);
    expect([arrival.refused, signal?.aborted]).toEqual([undefined, false]);
    arrival.leave();
  });

  function socket(remoteAddress: string, remotePort: number) {
    const closes: (() => void)[] = [];
    const made = {
      remoteAddress,
      remotePort,
      destroyed: false,
      once: (_: string, close: () => void) => closes.push(close),
      destroy() {
        made.destroyed = true;
        for (const close of closes.splice(0)) {
          close();
        }
      },
    };
    return made as unknown as Socket;
  }

  it("the connection that has been without a call for longest gives way, and none that has a call", () => {
    const connections = new Connections({ connections: 3, perAddress: 2 });
    const [a1, a2, b1, a3, c1, c2] = [
      socket("10.0.0.1", 1),
      socket("10.0.0.1", 2),
      socket("10.0.0.2", 1),
      socket("10.0.0.1", 3),
      socket("10.0.0.3", 1),
      socket("10.0.0.3", 2),
    ] as [Socket, Socket, Socket, Socket, Socket, Socket];
    connections.admit(b1);
    const busy = connections.admit(a1);
    busy?.callBegins();
    connections.admit(a2);
    // As many as one address may have: its own give way, though others have rested for longer.
    expect(connections.admit(a3)).toBeDefined();
    expect([a1, a2, b1].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
    // As many as there may be: whichever has rested for longest gives way.
    connections.admit(c1)?.callBegins();
    expect([a3, b1].map(({ destroyed }) => destroyed)).toEqual([false, true]);
    connections.of(a3)?.callBegins();
    expect(connections.admit(c2)).toBeUndefined();
    busy?.callEnds();
    expect(connections.admit(c2)).toBeDefined();
    expect(a1.destroyed).toBe(true);
    connections.destroy();
    expect([a3, c1, c2].every(({ destroyed }) => destroyed)).toBe(true);
  });

  it("a connection without a call ends in time, the same after its last call as before its first", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const connections = new Connections();
    const [fresh, used] = [socket("10.0.0.1", 1), socket("10.0.0.1", 2)] as [Socket, Socket];
    connections.admit(fresh);
    const connection = connections.admit(used);
    connection?.callBegins();
    vi.advanceTimersByTime(HEAD_MAX_MS);
    expect([fresh.destroyed, used.destroyed]).toEqual([true, false]);
    connection?.callEnds();
    vi.advanceTimersByTime(HEAD_MAX_MS - 1);
    expect(used.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(used.destroyed).toBe(true);
    vi.useRealTimers();
  });

  it.each([
    ["10.1.2.3", "10.1.2.3"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::6", "2001:db8:0:0"],
    ["fe80::1:2:3:4", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
  ])("%s counts as %s", (address, host) => {
    expect(hostOf(address)).toBe(host);
  });
});
