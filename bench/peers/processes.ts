/** Servers that are programs of others, and their end: by their process ids, and with whatever they have started. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { treeOf } from "../load/tree.ts";

export interface Program {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** As whom it runs, where that is somebody else. */
  readonly as?: { readonly uid: number; readonly gid: number };
  /** Where its lines go; absent, nowhere. */
  readonly log?: string;
}

export interface Started {
  readonly pid: number;
  /** Answers once the condition holds. Throws, with the end of its log, where the program ends before, or for too long nothing happens. */
  readonly until: (isReady: () => Promise<boolean>) => Promise<void>;
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
}

const START_MAX_MS = 60_000;

const running = new Set<number>();

/** Has a program that runs end with this one, however that ends. What others start is told of here. */
export function endWithThis(pid: number, ended: Promise<unknown>): void {
  running.add(pid);
  const forget = () => running.delete(pid);
  ended.then(forget, forget);
}

process.on("exit", () => sendKill(treeOf([...running])));

export function startProgram({ command, cwd, env, as, log }: Program): Started {
  const [file = "", ...args] = command;
  const lines = log === undefined ? "ignore" : openSync(log, "a");
  const child = spawn(file, args, {
    cwd,
    stdio: ["ignore", lines, lines],
    env: { PATH: process.env.PATH, ...env },
    ...as,
  });
  const { pid } = child;
  let hasEnded = false;
  const ended = once(child, "exit").finally(() => {
    hasEnded = true;
  });
  ended.catch(() => undefined);
  if (pid === undefined) {
    throw new Error(`${file} can't be started`);
  }
  endWithThis(pid, ended);
  const until = async (isReady: () => Promise<boolean>) => {
    const end = performance.now() + START_MAX_MS;
    while (!(await isReady().catch(() => false))) {
      if (hasEnded || performance.now() > end) {
        const said = log !== undefined && existsSync(log) ? readFileSync(log, "utf8").slice(-2_000) : "";
        throw new Error(`${file} does not serve\n${said}`);
      }
      await setTimeout(50);
    }
  };
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return { pid, until, stop };
}

/** Ends all of these and what they have started at once, and answers when the last has gone. */
export async function killTree(roots: readonly number[]): Promise<void> {
  const all = treeOf(roots);
  sendKill(all);
  // One of ours stands in /proc until Node has asked for its end, and until then others take it for alive.
  while (roots.some((pid) => existsSync(`/proc/${pid}`)) || all.some(isThere)) {
    await setTimeout(10);
  }
}

function sendKill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has gone already.
    }
  }
}

/** Who asks for the end of another's child may take long over it. */
function isThere(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
