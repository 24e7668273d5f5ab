/** examples/sender, unmodified, as somebody would deploy it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/command/local.ts";
import { SENDER_EXAMPLE } from "../support/sender-example.ts";
import { APNS_SENDER } from "./libraries.ts";

export interface DeviceResult {
  readonly endpointId: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly effect?: string;
}

/** What it answers. */
export interface PushResult {
  readonly isIncomplete: boolean;
  readonly users: readonly { readonly user: string; readonly error?: string; readonly devices?: DeviceResult[] }[];
}

export interface SenderService {
  /** What it is asked once, without asking again. */
  ask(request: object, secret?: string): Promise<Response>;
  /** As a queue does: asks again as it is told to, until all is done. */
  push(request: object, secret?: string): Promise<PushResult>;
  /** By SIGTERM. Answers its exit code. */
  stop(): Promise<number>;
}

export interface SenderSurroundings {
  readonly rollcallUrl: string;
  readonly appInstanceArn: string;
  readonly apnsPort: number;
  /** For files of its own. */
  readonly folder: string;
  /** How it comes to Google. */
  readonly env: Readonly<Record<string, string>>;
}

export function senderEnv({ rollcallUrl, appInstanceArn, apnsPort, folder, env }: SenderSurroundings) {
  const { key, keyId, teamId, topic } = APNS_SENDER;
  const keyFile = join(folder, "AuthKey.p8");
  writeFileSync(keyFile, key);
  return {
    ...{ PATH: process.env.PATH ?? "", PORT: "0", APP_INSTANCE_ARN: appInstanceArn, ROLLCALL_URL: rollcallUrl },
    ...{ ROLLCALL_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID, ROLLCALL_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY },
    ...{ APNS_KEY_FILE: keyFile, APNS_KEY_ID: keyId, APNS_TEAM_ID: teamId, APNS_TOPIC: topic },
    ...{ APNS_ADDRESS: "localhost", APNS_PORT: String(apnsPort) },
    ...env,
  };
}

export async function startSender(surroundings: SenderSurroundings): Promise<SenderService> {
  const child = spawn(process.execPath, ["server.ts"], {
    ...{ cwd: SENDER_EXAMPLE, env: senderEnv(surroundings) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => void child.kill("SIGKILL");
  process.on("exit", kill);
  const ended = once(child, "exit").then(([code]) => {
    process.off("exit", kill);
    return code as number;
  });
  const lines = createInterface(child.stdout);
  const early = ended.then((code) => Promise.reject(new Error(`the sender ended with exit code ${code}`)));
  early.catch(() => {});
  const [line] = await Promise.race([once(lines, "line"), early]);
  const { port } = JSON.parse(line);
  const ask = (request: object, secret?: string) =>
    fetch(`http://127.0.0.1:${port}/pushes`, {
      method: "POST",
      headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
      body: JSON.stringify(request),
    });
  return {
    ask,
    async push(request, secret) {
      for (;;) {
        const response = await ask(request, secret);
        if (response.status !== 503) {
          if (response.status !== 200) {
            throw new Error(`${response.status}: ${await response.text()}`);
          }
          return (await response.json()) as PushResult;
        }
        await sleep(Number(response.headers.get("retry-after")) * 1_000);
      }
    },
    async stop() {
      child.kill();
      return ended;
    },
  };
}
