/** The programs of others that play in the story, each told what to do by ours in its own language. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { devNull } from "node:os";
import { delimiter, join } from "node:path";
import { preparePython } from "../../scripts/python.ts";
import { withoutAws } from "../../scripts/without-aws.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/command/local.ts";
import { type Program, startProgram } from "./program.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUILT = join(ROOT, "node_modules/.cache/story/simulator");
const fixture = (name: string) => join(ROOT, "test/fixtures", name);

/** What a sender shows to the simulator: the certificate of an app whose topic is "app", as Apple issues them. */
export const SENDER = { cert: fixture("apns-client.crt"), key: fixture("apns-client.key") };

export interface Apns {
  readonly port: number;
  /** Every push to a token of an app, and how it ended. */
  readonly received: readonly string[];
  /** A token is one of the app's, and not dead. */
  good(token: string): Promise<void>;
  dead(token: string, since: Date): Promise<void>;
  stop(): Promise<void>;
}

/** Builds and starts the simulator of APNs. */
export async function startApns(): Promise<Apns> {
  mkdirSync(BUILT, { recursive: true });
  const project = join(import.meta.dirname, "simulator");
  const command = ["--quiet", "--batch-mode", `-DbuildFolder=${BUILT}`, "package"];
  execFileSync("mvn", command, { cwd: project, stdio: "inherit" });
  const classes = ["-cp", [join(BUILT, "classes"), join(BUILT, "lib/*")].join(delimiter), "ApnsSimulator"];
  const files = [fixture("localhost.crt"), fixture("localhost.key"), SENDER.cert];
  const simulator = startProgram(["java", ...classes, ...files]);
  return {
    port: Number(await simulator.ask("listen")),
    received: simulator.news,
    good: async (token) => void (await simulator.ask(`good ${token}`)),
    dead: async (token, since) => void (await simulator.ask(`dead ${token} ${since.getTime()}`)),
    stop: () => simulator.stop(),
  };
}

/** An operation of boto3's, which throws what is refused. */
export type Boto3 = (operation: string, request: object) => Promise<Record<string, unknown>>;

/** Starts boto3 as its users set it up: with a URL, and credentials that may do everything. */
export function startBoto3(url: string): { readonly call: Boto3; readonly stop: Program["stop"] } {
  const program = startProgram([preparePython(), join(import.meta.dirname, "boto.py")], {
    ...withoutAws(process.env),
    AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_DEFAULT_REGION: "us-east-1",
    ROLLCALL_URL: url,
    PYTHONPATH: join(ROOT, "test/interop"),
    PYTHONDONTWRITEBYTECODE: "1",
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
