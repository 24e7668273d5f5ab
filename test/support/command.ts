/** The commands of npm that a person runs to an end, as programs of their own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/command/local.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface Ended {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const KEYS = { AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY };

/** Runs a script with arguments, in an environment that has nothing but credentials: local mode's for everything, if not told otherwise. */
export async function run(args: readonly string[], env: Record<string, string> = KEYS): Promise<Ended> {
  return begin(args, env).ended;
}

/** Runs a script, and ends it as soon as `isTime`: without a word, if not told otherwise. */
export async function runAndEnd(
  args: readonly string[],
  isTime: () => boolean,
  signal: NodeJS.Signals = "SIGKILL",
): Promise<Ended> {
  const { child, ended } = begin(args, KEYS);
  const timer = setInterval(() => {
    if (isTime()) {
      clearInterval(timer);
      child.kill(signal);
    }
  }, 2);
  try {
    return await ended;
  } finally {
    clearInterval(timer);
  }
}

function begin([script = "", ...args]: readonly string[], env: Record<string, string>) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(ROOT, script), ...args], { cwd: ROOT, env: { PATH, HOME, ...env } });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      said[name] += chunk;
    });
  }
  const ended = once(child, "close").then(([code]): Ended => ({ code, ...said, stderr: withoutProgress(said.stderr) }));
  return { child, ended };
}

/** It is said by the clock, on a slow machine more often. */
function withoutProgress(stderr: string): string {
  return stderr.replace(/^[\d,]+ endpoints.*\n/gm, "");
}
