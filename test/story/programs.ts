/** The programs that play in the story: those of others, each told what to do by ours in its own language, and the example of a sender. */
import { writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { preparePython } from "../../scripts/python.ts";
import { withoutAws } from "../../scripts/without-aws.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/command/local.ts";
import { APNS_SENDER } from "../senders/libraries.ts";
import { CERTIFICATE_FILE, KEY_FILE } from "../senders/push-services.ts";
import { APNS_SIMULATOR } from "../support/apns-simulator.ts";
import { type Program, startProgram } from "./program.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface Apns {
  readonly port: number;
  /** Every push to a token of an app, and how it ended. */
  readonly received: readonly string[];
  /** A token is one of the app's, and not dead. */
  good(token: string): Promise<void>;
  dead(token: string, since: Date): Promise<void>;
  /** The next pushes, so many, are refused with this, whatever they are. */
  refuse(pushes: number, reason: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the simulator of APNs. Files go into a folder of the caller's. */
export async function startApns(folder: string): Promise<Apns> {
  const { publicKey, keyId, teamId, topic } = APNS_SENDER;
  const publicKeyFile = join(folder, "apns-public-key.pem");
  writeFileSync(publicKeyFile, publicKey);
  const simulator = startProgram([
    ...APNS_SIMULATOR,
    ...[CERTIFICATE_FILE, KEY_FILE, publicKeyFile, keyId, teamId, topic],
  ]);
  return {
    port: Number(await simulator.ask("listen")),
    received: simulator.news,
    good: async (token) => void (await simulator.ask(`good ${token}`)),
    dead: async (token, since) => void (await simulator.ask(`dead ${token} ${since.getTime()}`)),
    refuse: async (pushes, reason) => void (await simulator.ask(`refuse ${pushes} ${reason}`)),
    stop: () => simulator.stop(),
  };
}

/** An operation of boto3's, which throws what is refused. */
export type Boto3 = (operation: string, request: object) => Promise<Record<string, unknown>>;

/** Starts boto3 as its users set it up: with a URL, and credentials that may do everything. */
export function startBoto3(url: string): { readonly call: Boto3; readonly stop: Program["stop"] } {
  const program = startPython("boto.py", {
    AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_DEFAULT_REGION: "us-east-1",
    ROLLCALL_URL: url,
    PYTHONPATH: join(ROOT, "test/interop"),
  });
  return {
    async call(operation, request) {
      const answer = JSON.parse(await program.ask(JSON.stringify({ operation, request })));
      if (answer.exception !== undefined) {
        throw new Error(`${operation}: ${answer.exception}: ${answer.message}`);
      }
      return answer;
    },
    stop: program.stop,
  };
}

export function startPython(script: string, env: Readonly<Record<string, string>>): Program {
  return startProgram([preparePython(), join(import.meta.dirname, script)], {
    ...{ ...withoutAws(process.env), PYTHONDONTWRITEBYTECODE: "1" },
    ...env,
  });
}
