/** What requests take of the server's memory: the statuses were right all along, so they can't show it. */
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { envelope } from "../../src/worker/transport/rpc/envelope.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { bearerOf } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { CONNECT_PATH, restRegister } from "../support/wire.ts";

const MIB = 1_024 * 1_024;

/** 129 kB, just within the bound of a body as it is sent. */
const BOMB = new Uint8Array(gzipSync(new Uint8Array(127 * MIB)));

const AT_ONCE = 24;
const ROUNDS = 4;

/** Requests in flight, what they are read into, and the engine's garbage. A body that is inflated whole takes 127 MiB by itself. */
const GROWTH_MAX_MIB = 100;

// One for each test, because a process keeps the most that it ever had.
let workerd: Workerd;
beforeEach(async () => {
  workerd = await startTemporaryWorkerd(WORKER_BUNDLE);
});
afterEach(() => workerd.stop());

/** The most memory that the server ever had. */
function peakMiB(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${workerd.process.pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1_024;
}

/** What the server answers to many of these requests at once, each answer once. */
async function answers(path: string, headers: Record<string, string>, body: Uint8Array<ArrayBuffer>) {
  const { authorization } = await bearerOf(freshUserArn());
  const request = { method: "POST", headers: { ...headers, authorization }, body };
  const one = async () => {
    const told = [];
    for (let round = 0; round < ROUNDS; round++) {
      const response = await fetch(workerd.url + path, request);
      told.push(`${response.status} ${decodeURIComponent(await response.text()).includes(TOO_LARGE)}`);
    }
    return told;
  };
  return new Set((await Promise.all(Array.from({ length: AT_ONCE }, one))).flat());
}

const TOO_LARGE = "The request body is larger than 131072 bytes.";

/** Seen in Linux's /proc. */
const describeMemory = describe.skipIf(!existsSync("/proc/self/status"));

describeMemory("a body that grows a thousandfold", () => {
  it.each([
    ["Connect", CONNECT_PATH, { "content-type": "application/json", "content-encoding": "gzip" }, BOMB, 429],
    ["REST", restRegister().path, { "content-type": "application/json", "content-encoding": "gzip" }, BOMB, 413],
    [
      "gRPC-Web, as HTTP compresses",
      CONNECT_PATH,
      { "content-type": "application/grpc-web+proto", "content-encoding": "gzip" },
      BOMB,
      200,
    ],
    [
      "gRPC-Web, as gRPC compresses",
      CONNECT_PATH,
      { "content-type": "application/grpc-web+proto", "grpc-encoding": "gzip" },
      envelope(1, BOMB),
      200,
    ],
  ])("takes no more memory than its bound, over %s", async (wire, path, headers, body, status) => {
    const before = peakMiB();
    expect(await answers(path, headers, body)).toEqual(new Set([`${status} true`]));
    const peak = peakMiB();
    console.info(`${wire}: peak ${before.toFixed(0)} MiB before, ${peak.toFixed(0)} MiB after`);
    expect(peak - before).toBeLessThan(GROWTH_MAX_MIB);
  });
});

describeMemory("a signature that names a long header five thousand times", () => {
  it("takes no more memory than the request, of a caller whom nobody knows", async () => {
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${date.slice(0, 8)}/us-east-1/chime/aws4_request`;
    const signedHeaders = `host;x-amz-date${";long".repeat(5_000)}`;
    const authorization = `AWS4-HMAC-SHA256 Credential=NOBODY/${scope}, SignedHeaders=${signedHeaders}, Signature=${"0".repeat(64)}`;
    const headers = { "content-type": "application/json", "x-amz-date": date, authorization, long: "x".repeat(20_000) };
    const before = peakMiB();
    const { status } = await fetch(workerd.url + CONNECT_PATH, { method: "POST", headers, body: "{}" });
    expect(status).toBe(401);
    expect(peakMiB() - before).toBeLessThan(GROWTH_MAX_MIB);
  });
});
