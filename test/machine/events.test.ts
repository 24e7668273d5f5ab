import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { exampleOf } from "../support/examples.ts";
import { SECRET } from "../support/receiver.ts";
import { type Receiver, receiver } from "../support/receiving.ts";
import { restRegister, send } from "../support/wire.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = "docs/events.md";
const INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/events";
const DEVICES = { SAME_DEVICE: "adopt", DEVICES: "move", EVENTS_SECRETS: JSON.stringify([SECRET]) };

const running = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of running) {
    child.kill();
    await once(child, "exit");
  }
  running.clear();
});

/** Begins a request whose body is longer than what is sent of it. */
async function breakOff(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("POST / HTTP/1.1\r\nHost: events\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n[");
  await once(socket, "data"); // The receiver waits for the rest by now.
  socket.destroy();
}

/** Starts a program, and answers what it has said once that has some words. */
async function started(program: string[], env: Record<string, string>, words: RegExp) {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, program, { cwd: ROOT, env: { PATH, HOME, ...env } });
  running.add(child);
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said.text += chunk;
    });
  }
  await expect.poll(() => said.text, { timeout: 30_000 }).toMatch(words);
  return { said, found: words.exec(said.text)?.[1] ?? "" };
}

/** The story of a phone that changes hands, by names of its own, and the ids of its two endpoints. */
async function play(url: string, name: string) {
  const token = `a-token-of-${name}`;
  const arn = (user: string) => `${INSTANCE}/user/${name}-${user}`;
  const register = async (user: string) => {
    const request = restRegister({ EndpointAttributes: { DeviceToken: token } }, arn(user));
    const { status, text } = await send(url, request);
    expect([status, text]).toEqual([201, expect.any(String)]);
    return String(JSON.parse(text).EndpointId);
  };
  const change = async (method: string, path: string, body: object | null, expected: number) => {
    const headers = body === null ? {} : { "content-type": "application/json" };
    const answer = await send(url, { method, path, headers, body: body && JSON.stringify(body) });
    expect([answer.status, answer.text]).toEqual([expected, answer.text]);
  };
  const user = (of: string) => `/app-instance-users/${encodeURIComponent(arn(of))}`;
  const alice = await register("alice");
  await change("PUT", `${user("alice")}/endpoints/${alice}`, { Name: "Alice's phone" }, 200);
  const failure = { AppInstanceUserArn: arn("alice"), EndpointId: alice, DeviceToken: token, Reason: "Unregistered" };
  const Failures = [{ ...failure, Timestamp: Date.now() / 1_000 + 1 }];
  await change("POST", "/app-instance-user-endpoints/failures", { Failures }, 200);
  await register("alice");
  const bob = await register("bob");
  await change("DELETE", user("bob"), null, 204);
  return { alice, bob, token };
}

function storyOf({ alice, bob }: { alice: string; bob: string }) {
  const ofAlice = ["registered", "updated", "deactivated", "reactivated", "moved"].map(
    (change) => `${change} ${alice}`,
  );
  return { ofAlice, ofBob: [`registered ${bob}`, `moved ${alice}`, `deregistered ${bob}`] };
}

describe("events", () => {
  let to: Receiver;
  let server: Workerd;
  const lines = { text: "" };
  beforeAll(async () => {
    to = await receiver();
    server = await startTemporaryWorkerd(WORKER_BUNDLE, {
      variables: { ...DEVICES, EVENTS_URL: to.url, USERS_AT_ONCE: "100" },
      lines: "pipe",
    });
    for (const stream of [server.process.stdout, server.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        lines.text += chunk;
      });
    }
  });
  afterAll(async () => {
    await server.stop();
    await to.close();
  });

  it("tell of a phone that changes hands, signed, with no token in them", async () => {
    const story = await play(server.url, "one");
    const { ofAlice, ofBob } = storyOf(story);
    await expect.poll(() => to.told(story.bob), { timeout: 10_000 }).toEqual(ofBob);
    await expect.poll(() => to.told("one-bob"), { timeout: 10_000 }).toHaveLength(4);
    expect(to.told("one-bob").filter((told) => told.startsWith("erased"))).toHaveLength(1);
    expect(to.told(story.alice)).toEqual(ofAlice);
    expect(to.received.filter(({ body }) => body.includes(story.token))).toEqual([]);
  });

  it.each([
    ["redirects", 307, "status 307"],
    ["refuses", 400, "status 400"],
    ["never answers", "nothing", "no answer in time"],
  ] as const)("wait for a receiver that %s, and no call does", async (name, behaviour, error) => {
    to.behaviour = behaviour;
    lines.text = "";
    const began = Date.now();
    const story = await play(server.url, name.replaceAll(" ", "-"));
    expect(Date.now() - began).toBeLessThan(9_000);
    await expect.poll(() => lines.text, { timeout: 20_000 }).toContain(`"error":"${error}"`);
    expect(lines.text).not.toContain("hidden");
    expect([...to.paths]).toEqual(["/events?key=hidden"]);
    to.behaviour = 204;
    const { ofAlice, ofBob } = storyOf(story);
    const told = () => [to.told(story.alice), to.told(story.bob)].map((some) => [...new Set(some)]);
    await expect.poll(told, { timeout: 40_000, interval: 500 }).toEqual([ofAlice, ofBob]);
  });

  it("are taken by a receiver whose answer has no end", async () => {
    to.behaviour = "endless";
    const story = await play(server.url, "endless");
    const { ofAlice, ofBob } = storyOf(story);
    await expect.poll(() => [to.told(story.alice), to.told(story.bob)], { timeout: 10_000 }).toEqual([ofAlice, ofBob]);
    to.behaviour = 204;
  });
});

describe("a server that is killed while a receiver does not answer", () => {
  it("delivers the same batch when it is back", async () => {
    const to = await receiver();
    const data = mkdtempSync(join(tmpdir(), "rollcall-events-"));
    const variables = { LOCAL_MODE: "true", ...DEVICES, EVENTS_URL: to.url };
    to.behaviour = "nothing";
    const first = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables });
    const { status } = await send(first.url, restRegister({}, `${INSTANCE}/user/killed`));
    expect(status).toBe(201);
    await expect.poll(() => to.received.length, { timeout: 10_000 }).toBe(1);
    await first.stop("SIGKILL");
    to.behaviour = 204;
    const second = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables });
    try {
      await expect.poll(() => to.received.length, { timeout: 30_000, interval: 200 }).toBe(2);
      const [lost, repeated] = to.received;
      expect(repeated?.body).toBe(lost?.body);
      expect(repeated?.headers["webhook-id"]).toBe(lost?.headers["webhook-id"]);
      expect(to.told("killed")).toHaveLength(2);
    } finally {
      await second.stop();
      await to.close();
      rmSync(data, { recursive: true });
    }
  });
});

describe("the page about events", () => {
  const folders: string[] = [];
  /** Where the packages of this repository are found, as on the page those that are installed. */
  function folder(): string {
    mkdirSync(join(ROOT, "dist"), { recursive: true });
    const made = mkdtempSync(join(ROOT, "dist/receiver-"));
    folders.push(made);
    return made;
  }
  afterAll(() => {
    for (const made of folders) {
      rmSync(made, { recursive: true });
    }
  });

  it("has a receiver in Node that npm run serve tells, as printed", async () => {
    const file = join(folder(), "receiver.mjs");
    writeFileSync(file, exampleOf(PAGE, "js", "createServer").code);
    const { found: port, said } = await started([file], { SECRET, PORT: "0" }, /receives at (\d+)/);
    const data = mkdtempSync(join(tmpdir(), "rollcall-events-"));
    const args = [join(ROOT, "scripts/serve.ts"), "--data", data, "--port", "0", "--local"];
    const variables = { ...DEVICES, EVENTS_URL: `http://127.0.0.1:${port}/` };
    const { found: url } = await started(args, variables, /serves on (\S+)/);
    const story = await play(url, "node");
    const { ofAlice } = storyOf(story);
    const told = ofAlice.map((line) => `rollcall.endpoint.${line}`);
    await expect.poll(() => said.text.split("\n").filter((line) => line.endsWith(story.alice))).toEqual(told);
    await breakOff(Number(port));
    const refused = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "[]" });
    expect(refused.status).toBe(401);
    rmSync(data, { recursive: true });
  });

  it("has a Worker that puts them on a Queue, as printed", async () => {
    const root = folder();
    writeFileSync(join(root, "worker.js"), exampleOf(PAGE, "js", "sendBatch").code);
    writeFileSync(join(root, "wrangler.toml"), exampleOf(PAGE, "toml", "queues").code);
    const harness = createTestHarness({
      root,
      workers: [{ configPath: join(root, "wrangler.toml"), vars: { SECRET } }],
    });
    try {
      const { url } = await harness.listen();
      const body = JSON.stringify([{ type: "rollcall.endpoint.registered", subject: "e1" }]);
      const sent = new Date();
      const headers = {
        "webhook-id": "1",
        "webhook-timestamp": String(Math.floor(sent.getTime() / 1_000)),
        "webhook-signature": new Webhook(SECRET).sign("1", sent, body),
      };
      expect((await fetch(url, { method: "POST", headers, body })).status).toBe(204);
      expect((await fetch(url, { method: "POST", headers, body: `${body} ` })).status).toBe(401);
      expect((await fetch(url)).status).toBe(401);
      await expect.poll(() => JSON.stringify(harness.getLogs()), { timeout: 20_000 }).toContain("registered e1");
    } finally {
      await harness.close();
    }
  });
});
