import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:http2";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { afterEach, describe, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../src/gateway/gen/health/v1/health_pb.ts";
import { cpuMs } from "../../torture/server.ts";
import { connectEs, grpcJs } from "../support/callers.ts";
import { httpUpstream, LISTED } from "../support/fake-upstream.ts";
import { freshUserArn } from "../support/requests.ts";

const ROOT = join(import.meta.dirname, "../..");
const CERT = join(ROOT, "test/fixtures/localhost.crt");
const KEY = join(ROOT, "test/fixtures/localhost.key");
const LIST = "ListAppInstanceUserEndpoints";
const PROTO = { "content-type": "application/proto" };
const request = { appInstanceUserArn: freshUserArn() };

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
  running.clear();
});

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [join(ROOT, "src/gateway/main.ts"), ...args]);
  running.add(child);
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said.text += chunk;
    });
  }
  return { child, said };
}

async function served(upstream: string, args: readonly string[] = []) {
  const gateway = start(["--listen", "127.0.0.1:0", "--upstream", upstream, ...args]);
  await expect.poll(() => gateway.said.text, { timeout: 30_000 }).toContain("serves");
  return { ...gateway, url: / on (\S+),/.exec(gateway.said.text)?.[1] ?? "" };
}

const answering = (_: IncomingMessage, response: ServerResponse) => response.writeHead(200, PROTO).end(LISTED);

describe("a gateway whose log nobody reads any more", () => {
  it.skipIf(process.platform !== "linux")("serves on, and is at rest", async () => {
    const { child, url } = await served(await httpUpstream(answering));
    child.stdout.destroy();
    child.stderr.destroy();
    const call = grpcJs(url);
    for (let n = 0; n < 3; n++) {
      expect((await call(LIST, request)).code).toBe("ok");
    }
    const before = cpuMs({ process: child });
    await wait(1_500);
    expect(cpuMs({ process: child }) - before).toBeLessThan(300);
  });
});

describe("npm run gateway", () => {
  const upstream = ["--upstream", "http://127.0.0.1:8787"];
  const listen = ["--listen", "127.0.0.1:0"];
  it.each<[string, string[], string]>([
    ["nothing", [], "--listen must be"],
    ["no upstream", listen, "--upstream must be"],
    ["no port", ["--listen", "localhost", ...upstream], "--listen must be"],
    ["a port that there is not", ["--listen", "localhost:65536", ...upstream], "--listen must be"],
    ["an upstream that is no URL", [...listen, "--upstream", "localhost:8787"], "--upstream must be"],
    ["an upstream with a password", [...listen, "--upstream", "http://a:s3cret@localhost"], "--upstream must be"],
    ["an upstream with a path", [...listen, "--upstream", "http://localhost/s3cret"], "--upstream must be"],
    ["metrics at no address", [...listen, ...upstream, "--metrics", "9465"], "--metrics must be"],
    ["a share that is none", [...listen, ...upstream, "--log-successes", "some"], "--log-successes must be"],
    ["half of TLS", [...listen, ...upstream, "--tls-cert", CERT], "go together"],
    ["an option that there is not", [...listen, ...upstream, "--workers", "2"], "unknown option '--workers'"],
  ])("with %s says how it is used, and exits with 2", async (_, args, said) => {
    const { child, said: told } = start(args);
    await once(child, "close");
    expect(child.exitCode).toBe(2);
    expect(told.text.toLowerCase()).toContain(said);
    expect(told.text).toContain("Usage: npm run gateway -- --listen HOST:PORT --upstream URL");
    expect(told.text).not.toContain("s3cret");
  });

  it.each<[string, string[], string]>([
    ["a certificate that there is not", ["--tls-cert", "none", "--tls-key", KEY], "none, which --tls-cert names"],
    [
      "a certificate that is none",
      ["--tls-cert", join(ROOT, "README.md"), "--tls-key", KEY],
      "must hold a certificate",
    ],
  ])("with %s says so, and exits with 2", async (_, args, said) => {
    const { child, said: told } = start([...listen, ...upstream, ...args]);
    await once(child, "close");
    expect(child.exitCode).toBe(2);
    expect(told.text).toContain(said);
  });

  it("on a port that is taken says so, and exits with 1", async () => {
    const { url } = await served("http://127.0.0.1:1");
    const { child, said } = start(["--listen", new URL(url).host, ...upstream]);
    await once(child, "close");
    expect(child.exitCode).toBe(1);
    expect(said.text).toContain("EADDRINUSE");
  });
});

describe("with a certificate", () => {
  it("serves HTTP/2 to gRPC, gRPC-Web and Connect, and HTTP/1.1 to those that know no other", async () => {
    const { url } = await served(await httpUpstream(answering), ["--tls-cert", CERT, "--tls-key", KEY]);
    expect(url).toMatch(/^https:/);
    const ca = readFileSync(CERT);
    // grpc-js takes no address for the name of a server.
    const named = { "grpc.ssl_target_name_override": "localhost" };
    expect(await grpcJs(url, named, ca)(LIST, request)).toMatchObject({ code: "ok", response: { nextToken: "next" } });
    const over2 = { baseUrl: url, httpVersion: "2", nodeOptions: { ca } } as const;
    const over1 = { baseUrl: url, httpVersion: "1.1", nodeOptions: { ca } } as const;
    const transports: Transport[] = [
      createGrpcTransport({ baseUrl: url, nodeOptions: { ca } }),
      createGrpcWebTransport(over2),
      createConnectTransport(over2),
      createGrpcWebTransport(over1),
      createConnectTransport({ ...over1, useBinaryFormat: false }),
    ];
    for (const transport of transports) {
      expect(await connectEs(transport)(LIST, request)).toMatchObject({ code: "ok", response: { nextToken: "next" } });
    }
  });
});

describe("SIGTERM", () => {
  it("lets calls in flight end, on every connection, and takes no others", async () => {
    const waiting: (() => void)[] = [];
    const upstream = await httpUpstream((asked, response) => {
      if (asked.url === "/health") {
        response.end();
      } else {
        waiting.push(() => answering(asked, response));
      }
    });
    const { child, url, said } = await served(upstream);
    const calls = [
      grpcJs(url)(LIST, request),
      connectEs(createGrpcTransport({ baseUrl: url }))(LIST, request),
      connectEs(createConnectTransport({ baseUrl: url, httpVersion: "1.1" }))(LIST, request),
    ];
    const watched: Status[] = [];
    const watching = (async () => {
      const client = createClient(Health, createGrpcTransport({ baseUrl: url }));
      for await (const { status } of client.watch({})) {
        watched.push(status);
      }
    })().catch((error: Error) => error.message);
    await expect.poll(() => [waiting.length, watched.length]).toEqual([3, 1]);

    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await expect.poll(() => watched).toEqual([Status.SERVING, Status.NOT_SERVING]);
    expect(await watching).toContain("stopping");
    expect(await grpcJs(url)(LIST, request, { timeoutMs: 5_000 })).toMatchObject({ code: "unavailable" });
    for (const answer of waiting) {
      answer();
    }
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["ok", "ok", "ok"]);
    expect(await exited).toEqual([0, null]);
    expect(said.text).not.toContain('"bug"');
  });

  it("ends idle connections and open questions of reflection at once", async () => {
    const { child, url } = await served(await httpUpstream(answering));
    const session = connect(url);
    session.on("error", () => {});
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      "content-type": "application/grpc",
    });
    stream.on("error", () => {});
    stream.write(Buffer.from([0, 0, 0, 0, 2, 0x3a, 0]));
    await once(stream, "data");
    expect((await fetch(url)).status).toBe(404);
    const exited = once(child, "exit");
    const began = performance.now();
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(8_000);
  });
});
