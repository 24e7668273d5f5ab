/** The gateway as a process of its own, to be attacked. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";

export interface GatewayProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Lines that it wrote about bugs, and what it wrote when it died. */
  readonly complaints: readonly string[];
  /** How much memory is in use, garbage aside. */
  readonly heldMiB: () => Promise<number>;
}

const SCRIPT = join(import.meta.dirname, "../../src/gateway/main.ts");

const PROBE = ["--expose-gc", "--import", pathToFileURL(join(import.meta.dirname, "held-memory.ts")).href];

/** Runs with a gateway before a server. */
export async function withGateway<Result>(
  upstream: string,
  use: (gateway: GatewayProcess) => Promise<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, [...PROBE, SCRIPT, "--listen", "127.0.0.1:0", "--upstream", upstream], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const complaints: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints.push(...text.split("\n").filter((line) => line !== "" && !line.startsWith('{"event":"fault"')));
  });
  try {
    const [first] = await once(child.stdout?.setEncoding("utf8") as Readable, "data");
    // A pipe that nobody reads fills up.
    child.stdout?.resume();
    const heldMiB = () => held(child);
    return await use({ url: /http:\S+(?=,)/.exec(first)?.[0] ?? "", process: child, complaints, heldMiB });
  } finally {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (!isGone && child.kill("SIGKILL")) {
      await once(child, "exit");
    }
  }
}

async function held(child: ChildProcess): Promise<number> {
  const answered = once(child, "message");
  child.send("held?");
  const [bytes] = await answered;
  return bytes / 2 ** 20;
}
