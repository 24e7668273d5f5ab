/** What a resolve takes of the server's memory, and of its client's, where users have as many and as long endpoints as can be. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { userFiles } from "../../bench/parts/files.ts";
import { fileName } from "../../bench/parts/seed.ts";
import { UNIQUE_KEY } from "../../src/serve/workerd/config.ts";
import { startWorkerd } from "../../src/serve/workerd/start.ts";
import { BATCH_ANSWER_MAX_BYTES, BATCH_MAX, ENDPOINTS_PER_USER_MAX } from "../../src/worker/model/limits.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { freshUserArn } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";
import { WRANGLER_CONFIG } from "../support/wrangler-config.ts";

const WRANGLER = join(import.meta.dirname, "../../node_modules/wrangler/bin/wrangler.js");

/** What Cloudflare gives an isolate, though here all users' objects and their databases' caches are in it: 59 to 72 were seen. */
const GROWTH_MAX_MIB = 128;

/** Besides endpoints, an answer has the ARNs that the request has, and an error for each who is left over. */
const ANSWER_MAX_BYTES = BATCH_ANSWER_MAX_BYTES + 128 * 1_024;

const VARIABLES = { LOCAL_MODE: "true", ENDPOINTS_PER_USER: String(ENDPOINTS_PER_USER_MAX) };

/** Users with 500 endpoints each, by how long their tokens are: as long as can be, or so that one user's just fit in an answer. */
const TOKEN_LENGTHS = { longest: 1_600, fitting: 420 };
type Users = Record<keyof typeof TOKEN_LENGTHS, readonly string[]>;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-memory-"));
  for (const [name, length] of Object.entries(TOKEN_LENGTHS)) {
    await makeTemplate(name, length);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The database of a user: an endpoint that was registered, and copies of its row. A call for each would take minutes. */
async function makeTemplate(name: string, length: number): Promise<void> {
  const data = join(folder, `data-of-${name}`);
  const workerd = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables: VARIABLES });
  const token = (first: string) => first + "😀".repeat(length - 1);
  const EndpointAttributes = { DeviceToken: token("d"), VoipDeviceToken: token("v") };
  const registered = await send(workerd.url, restRegister({ Type: "APNS", EndpointAttributes }));
  await workerd.stop();
  expect(registered.status).toBe(201);
  const [file] = userFiles(data);
  const database = new DatabaseSync(file?.path ?? "");
  const insert = "INSERT INTO _cf_KV SELECT substr(key, 1, length(key) - 3) || ?, value FROM _cf_KV LIMIT 1";
  const { end } = database.prepare("SELECT substr(key, -3) AS end FROM _cf_KV").get() ?? {};
  const ends = Array.from({ length: ENDPOINTS_PER_USER_MAX }, (_, n) => n.toString(16).padStart(3, "0"));
  for (const other of ends.filter((other) => other !== end).slice(1 - ENDPOINTS_PER_USER_MAX)) {
    database.prepare(insert).run(other);
  }
  database.close();
  copyFileSync(file?.path ?? "", join(folder, name));
}

/** Copies of the templates under the names that a runtime will look for. */
function putUsers(objects: string, uniqueKey: string, users: Users): void {
  mkdirSync(objects, { recursive: true });
  for (const [name, arns] of Object.entries(users)) {
    for (const arn of arns) {
      copyFileSync(join(folder, name), join(objects, fileName(arn, uniqueKey)));
    }
  }
}

interface Server {
  readonly url: string;
  /** Of the process that runs the Worker and all objects. */
  readonly pid: number;
  stop(): Promise<unknown>;
}

async function bareWorkerd(data: string, users: Users): Promise<Server> {
  putUsers(join(data, "objects", UNIQUE_KEY), UNIQUE_KEY, users);
  const { url, process, stop } = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables: VARIABLES });
  return { url, pid: process.pid ?? 0, stop: () => stop() };
}

async function wranglerDev(data: string, users: Users): Promise<Server> {
  const uniqueKey = "rollcall-dev-AppInstanceUser";
  putUsers(join(data, "v3/do", uniqueKey), uniqueKey, users);
  const variables = Object.entries(VARIABLES).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const args = ["dev", "--config", WRANGLER_CONFIG, "--persist-to", data, "--port", "0", "--inspector-port", "0"];
  const wrangler = spawn(process.execPath, [WRANGLER, ...args, ...variables], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
  });
  const [ready] = await once(wrangler, "message");
  const url = `http://127.0.0.1:${(JSON.parse(String(ready)) as { port: number }).port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), { timeout: 30_000 });
  const stop = async () => {
    wrangler.kill();
    await once(wrangler, "exit");
  };
  return { url, pid: largestWorkerdOf(wrangler), stop };
}

/** wrangler has two: the other one only passes requests on. */
function largestWorkerdOf({ pid = 0 }: ChildProcess): number {
  const below = (parent: number): number[] => {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").split(" ").filter(Boolean);
    return children.map(Number).flatMap((child) => [child, ...below(child)]);
  };
  const workerds = below(pid).filter((child) => readFileSync(`/proc/${child}/comm`, "utf8").startsWith("workerd"));
  return workerds.toSorted((a, b) => peakMiB(b) - peakMiB(a))[0] ?? 0;
}

/** The most memory that a process ever had, or has had since that was reset. */
function peakMiB(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}

function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

interface Resolved {
  readonly bytes: number;
  /** How many endpoints each has. */
  readonly users: ReadonlyMap<string, number>;
  /** The code of each error. */
  readonly errors: ReadonlyMap<string, string>;
}

async function resolve(url: string, arns: readonly string[]): Promise<Resolved> {
  const body = JSON.stringify({ AppInstanceUserArns: arns });
  const headers = { "content-type": "application/json" };
  const path = "/app-instance-user-endpoints/resolve";
  const { status, text } = await send(url, { method: "POST", path, headers, body });
  expect(status).toBe(200);
  const { Users, Errors } = JSON.parse(text) as {
    Users: { AppInstanceUserArn: string; Endpoints: unknown[] }[];
    Errors: { AppInstanceUserArn: string; ErrorCode: string }[];
  };
  return {
    bytes: Buffer.byteLength(text),
    users: new Map(Users.map(({ AppInstanceUserArn, Endpoints }) => [AppInstanceUserArn, Endpoints.length])),
    errors: new Map(Errors.map(({ AppInstanceUserArn, ErrorCode }) => [AppInstanceUserArn, ErrorCode])),
  };
}

describe.skipIf(!existsSync("/proc/self/clear_refs")).each([
  ["workerd", bareWorkerd],
  ["wrangler dev", wranglerDev],
])("by %s, a resolve of users with 500 endpoints each (seen in Linux's /proc)", (runtime, start) => {
  const arns = () => Array.from({ length: BATCH_MAX }, freshUserArn);
  const users = { longest: arns(), fitting: arns() };
  let server: Server;
  beforeAll(async () => {
    server = await start(mkdtempSync(join(folder, "data-")), users);
  });
  afterAll(() => server.stop());

  async function bounded(asked: readonly string[]): Promise<Resolved> {
    resetPeak(server.pid);
    const before = peakMiB(server.pid);
    const resolved = await resolve(server.url, asked);
    const growth = peakMiB(server.pid) - before;
    console.info(`${runtime}: ${growth.toFixed(0)} MiB more than ${before.toFixed(0)}; ${resolved.bytes} bytes`);
    expect(resolved.bytes).toBeLessThan(ANSWER_MAX_BYTES);
    expect(growth).toBeLessThan(GROWTH_MAX_MIB);
    return resolved;
  }

  it("has an error for each whose endpoints no answer holds, not worth asking again for", async () => {
    const { users: found, errors } = await bounded(users.longest);
    expect([found.size, errors.size, new Set(errors.values())]).toEqual([0, BATCH_MAX, new Set(["ServiceFailure"])]);
  });

  it("answers one user where each alone just fits, so that asking again comes to an end", async () => {
    const [first = "", ...others] = users.fitting;
    const { users: found, errors } = await bounded(users.fitting);
    expect(found).toEqual(new Map([[first, ENDPOINTS_PER_USER_MAX]]));
    expect(errors).toEqual(new Map(others.map((arn) => [arn, "ServiceUnavailable"])));
    const again = await resolve(server.url, [...errors.keys()]);
    expect(again.users).toEqual(new Map([[others[0], ENDPOINTS_PER_USER_MAX]]));
  });
});
