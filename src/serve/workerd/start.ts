/** Runs a bundled Worker on bare workerd, with its data on disk. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { health, hostInUrl, serverUrl } from "../../command/address.ts";
import { DIRECTORY_KEY, HTTP_SOCKET, SCRAPE_SOCKET, UNIQUE_KEY, workerdConfig } from "./config.ts";
import { checkFolders, keepFolders, keeping, makeFolder, OBJECTS, openLock, UNFINISHED, writeAnew } from "./folders.ts";
import { NotServedError } from "./not-served-error.ts";
import { type Runtime, runtimeOfClone } from "./runtime.ts";

const LOOPBACK = "127.0.0.1";

/** POSIX's shell, wherever the environment has programs looked for, if at all. */
const SHELL = "/bin/sh";

/** Where the system has its own programs. */
const SYSTEM_PATH = "/usr/bin:/bin";

/** As many open files as the system lets this process have. */
const RAISE_OPEN_FILES = 'ulimit -n "$(ulimit -H -n)" 2> /dev/null';

/** EX_TEMPFAIL of sysexits.h: what `LOCK` exits with when another process has the lock. */
const EXIT_LOCKED = 75;

/** What workerd is given besides the usual three: where it tells what it listens on, and the file with the lock. */
const CONTROL_FD = 3;
const LOCK_FD = 4;

/**
 * Takes the lock and becomes the command that follows. The lock goes with workerd itself, however that ends, and with
 * nothing else. Systems without flock, such as macOS, do without.
 */
const LOCK = `if command -v flock > /dev/null; then flock -n ${LOCK_FD} || exit ${EXIT_LOCKED}; fi; exec "$@"`;

export interface WorkerdOptions {
  /** The file that `wrangler deploy` would upload. */
  readonly bundle: string;
  /** That of the clone, if it is absent. */
  readonly runtime?: Runtime;
  /** A folder, made if there is none. One workerd at a time may have it. */
  readonly data: string;
  /** A name or an address, without brackets. By default only this machine can call. */
  readonly host?: string;
  /** 0, or absent: any that is free. */
  readonly port?: number;
  /** The Worker's variables and secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * Where the lines go that the Worker writes for its requests: to this process's own, or nowhere, which is the default.
   * By "pipe", the caller reads them, and what workerd says besides, from the process.
   */
  readonly lines?: "inherit" | "ignore" | "pipe";
  /** Whether it counts, and is asked for that at a URL of its own. */
  readonly isScraped?: boolean;
  /** A command that is given workerd's own and becomes it, such as a tracer that stands aside. */
  readonly under?: readonly string[];
}

export interface Workerd {
  /** Without a slash at its end. */
  readonly url: string;
  /** Where it answers what it has counted, to this machine alone; absent where it counts nothing. */
  readonly scrapeUrl?: string;
  readonly process: ChildProcess;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number;
  /** Ends it, by SIGTERM if no other signal is given, and answers once it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts workerd and answers once it has answered. Throws NotServedError if it ends before. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const started = performance.now();
  const { isScraped = false } = options;
  const child = spawnWorkerd(options, isScraped);
  const ended = once(child, "exit");
  const stop = async (signal?: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  try {
    const sockets = isScraped ? [HTTP_SOCKET, SCRAPE_SOCKET] : [HTTP_SOCKET];
    const [port = 0, scrapePort = 0] = await Promise.race([
      portsOf(child, sockets),
      ended.then(([code]) => failed(code, options.data)),
    ]);
    keepFolders(options.data);
    const url = serverUrl(options.host ?? LOOPBACK, port);
    await health(url);
    const scrape = isScraped && { scrapeUrl: serverUrl(LOOPBACK, scrapePort) };
    return { url, ...scrape, process: child, startMs: performance.now() - started, stop };
  } catch (error) {
    // Nobody else knows of it, so nobody else would end it.
    await stop("SIGKILL");
    throw error;
  }
}

/** How many files a workerd may hold open, as far as anybody would want. */
export function openFilesMax(): number {
  const limit = execFileSync(SHELL, ["-c", `${RAISE_OPEN_FILES}; ulimit -n`], { encoding: "utf8" }).trim();
  return limit === "unlimited" ? 1_000_000 : Number(limit);
}

function spawnWorkerd(options: WorkerdOptions, isScraped: boolean) {
  const { bundle, data, host = LOOPBACK, port = 0, variables, lines = "ignore", under = [] } = options;
  const { program, assets, compatibilityDate } = options.runtime ?? runtimeOfClone();
  if (existsSync(resolve(data, UNFINISHED))) {
    throw new NotServedError(
      `${data} has a copy of a register that has not come to its end (docs/self-hosting.md): remove that folder, and restore again.`,
    );
  }
  const objects = resolve(data, OBJECTS);
  // The runtime would make it too, but not before the Worker is bound to it.
  const users = join(objects, UNIQUE_KEY);
  makeFolder(users, data);
  checkFolders([objects, users, join(objects, DIRECTORY_KEY)], data);
  const config = resolve(data, "config.capnp");
  const variableNames = Object.keys(variables);
  const text = workerdConfig({ bundle: basename(bundle), variables: variableNames, compatibilityDate, isScraped });
  keeping(data, () => writeAnew(config, text));
  const folders = [
    `--import-path=${dirname(bundle)}`,
    ...[`objects=${objects}`, `users=${users}`, `assets=${assets}`].map((folder) => `--directory-path=${folder}`),
  ];
  const serve = [
    program,
    "serve",
    ...folders,
    `--socket-addr=${HTTP_SOCKET}=${hostInUrl(host)}:${port}`,
    ...(isScraped ? [`--socket-addr=${SCRAPE_SOCKET}=${LOOPBACK}:0`] : []),
    `--control-fd=${CONTROL_FD}`,
    config,
  ];
  const lock = openLock(resolve(data, "lock"), data);
  try {
    return spawn(SHELL, ["-c", `${RAISE_OPEN_FILES}; ${LOCK}`, SHELL, ...under, ...serve], {
      stdio: ["ignore", lines, lines === "pipe" ? "pipe" : "inherit", "pipe", lock],
      env: { PATH: [process.env.PATH, SYSTEM_PATH].filter(Boolean).join(":"), ...variables },
    });
  } finally {
    closeSync(lock);
  }
}

/** workerd tells over its control channel what it listens on, a line of JSON for each socket. */
function portsOf({ stdio }: ChildProcess, sockets: readonly string[]): Promise<number[]> {
  const ports = new Map<string, number>();
  return new Promise((resolve) => {
    createInterface({ input: stdio[CONTROL_FD] as Readable }).on("line", (line) => {
      const { socket, port } = JSON.parse(line) as { socket: string; port: number };
      ports.set(socket, port);
      if (sockets.every((name) => ports.has(name))) {
        resolve(sockets.map((name) => ports.get(name) ?? 0));
      }
    });
  });
}

function failed(code: unknown, data: string): never {
  throw new NotServedError(
    code === EXIT_LOCKED
      ? `${data} is in use by another server`
      : "workerd ended before it served; its error stands above",
  );
}
