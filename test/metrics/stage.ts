/** `npm run serve` and `npm run gateway` as they are run, counting, with calls of every kind made to them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { call, callerFor } from "../support/calls.ts";
import { SECRET } from "../support/receiver.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { CONNECT_PATH, connectRegister, restRegister, send } from "../support/wire.ts";

const ROOT = join(import.meta.dirname, "../..");

/** All that there is to count is switched on, and nobody receives events. */
const VARIABLES = {
  SAME_DEVICE: "adopt",
  DEVICES: "move",
  EVENTS_URL: "http://127.0.0.1:9/",
  EVENTS_SECRETS: JSON.stringify([SECRET]),
  OPERATION_RATE_PER_SECOND: "1",
  OPERATION_BURST: "3",
};

export interface Stage {
  /** Where Prometheus is answered, by both. */
  readonly metrics: { readonly serve: string; readonly gateway: string };
  /** Where callers are. */
  readonly callers: { readonly serve: string; readonly gateway: string };
  /** Makes some calls of each kind, and answers what no metric may tell. */
  play(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), "rollcall-metrics-"));
  const serve = start("scripts/serve.ts", ["--data", data, "--port", "0", "--local", "--metrics", "127.0.0.1:0"]);
  const served = { url: await serve.says(/serves on (\S+) with/), metrics: await serve.says(METRICS_URL) };
  const gateway = start("src/gateway/main.ts", [
    ...["--listen", "127.0.0.1:0", "--upstream", served.url, "--metrics", "127.0.0.1:0", "--log-successes", "none"],
  ]);
  const called = { url: await gateway.says(/ on (http:\S+),/), metrics: await gateway.says(METRICS_URL) };
  return {
    metrics: { serve: served.metrics, gateway: called.metrics },
    callers: { serve: served.url, gateway: called.url },
    play: () => play(served.url, called.url),
    stop: async () => {
      await gateway.stop();
      await serve.stop();
      rmSync(data, { recursive: true });
    },
  };
}

const METRICS_URL = /answered at (\S+\/metrics)\./;

function start(script: string, args: readonly string[]) {
  const { PATH, HOME } = process.env;
  const child: ChildProcess = spawn(process.execPath, [join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { PATH, HOME, ...VARIABLES },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  return {
    says: async (what: RegExp) => {
      await vi.waitFor(() => expect(said).toMatch(what), { timeout: 60_000 });
      return what.exec(said)?.[1] ?? "";
    },
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function play(server: string, gateway: string): Promise<readonly string[]> {
  const arn = freshUserArn();
  const caller = await callerFor(arn);
  const token = `token-${crypto.randomUUID()}`;
  const device = { type: "GCM", resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken: token } };
  const register = (clientRequestToken: string) =>
    call(server, caller, "rest", "Register", { ...device, clientRequestToken });
  // A new one, a replay, one that adopts; then more than may be made at once.
  for (const requestToken of ["first", "first", "second"]) {
    await register(requestToken);
  }
  await Promise.all(Array.from({ length: 20 }, () => register("third")));
  // Another user takes the device.
  await send(server, restRegister({ EndpointAttributes: { DeviceToken: token } }));
  // Until a user is asked for too often. A busy machine may take as long as that user's rate allows.
  for (let rounds = 0, isServed = true; isServed && rounds < 20; rounds++) {
    const resolves = Array.from({ length: 50 }, () => call(server, caller, "connect", "Resolve"));
    isServed = (await Promise.all(resolves)).every((answer) => !answer?.body.errors);
  }
  const json = { "content-type": "application/json" };
  await send(server, { ...restRegister(), headers: { ...json, authorization: "Bearer none" } });
  await fetch(`${server}/${encodeURIComponent(arn)}`);
  await fetch(`${server}/health`);
  // Another user: the first one has been asked for too often.
  const other = await callerFor(freshUserArn());
  const post = { method: "POST", headers: { ...json, ...other.headers } };
  await fetch(gateway + CONNECT_PATH, { ...post, body: connectRegister({}, other.arn).body as string });
  await fetch(gateway + CONNECT_PATH, { ...post, body: "{}" });
  await fetch(`${gateway}/${encodeURIComponent(arn)}`, post);
  return [arn, token, ...arn.split("/").slice(-1), "first", caller.headers.authorization?.split(".")[1] ?? ""];
}
