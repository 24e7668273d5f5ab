/** The server and the gateway of a soak, each in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { startWorkerd, type Workerd } from "../../../src/serve/workerd/start.ts";
import { type Receiver, startReceiver } from "../../load/receiver.ts";

export interface Served {
  readonly workerd: Workerd;
  readonly data: string;
  readonly gateway: { readonly url: string; readonly pid: number };
  stop(): Promise<void>;
}

const VARIABLES = {
  ...{ LOCAL_MODE: "true", SAME_DEVICE: "adopt", DEVICES: "move" },
  ...{ USERS_AT_ONCE: "6000", BATCHES_PER_CALLER: "1000000" },
  // One secret: 32 bytes, in base64.
  EVENTS_SECRETS: JSON.stringify([`whsec_${Buffer.alloc(32, "soak").toString("base64")}`]),
};

const GATEWAY = join(import.meta.dirname, "../../../src/gateway/main.ts");

/** Serves with a Directory, events to a receiver, sessions, and a gateway. */
export async function serveAll(bundle: string): Promise<Served> {
  const data = mkdtempSync(join(tmpdir(), "rollcall-"));
  const stops: (() => Promise<unknown>)[] = [async () => rmSync(data, { recursive: true })];
  const stop = async () => {
    for (const each of stops.toReversed()) {
      await each();
    }
  };
  try {
    const receiver: Receiver = await startReceiver();
    stops.push(() => receiver.stop());
    const variables = { ...VARIABLES, EVENTS_URL: receiver.url };
    const workerd = await startWorkerd({ bundle, data, variables });
    stops.push(() => workerd.stop());
    const gateway = await startGateway(workerd.url);
    stops.push(gateway.stop);
    return { workerd, data, gateway, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startGateway(upstream: string) {
  const options = ["--listen", "127.0.0.1:0", "--upstream", upstream, "--log-successes", "none"];
  const child = spawn(process.execPath, [GATEWAY, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const [first] = await once(child.stdout.setEncoding("utf8") as Readable, "data");
  // A pipe that nobody reads fills up.
  child.stdout.resume();
  const stop = async () => {
    child.kill();
    await once(child, "exit");
  };
  return { url: /http:\S+(?=,)/.exec(first)?.[0] ?? "", pid: child.pid ?? 0, stop };
}
