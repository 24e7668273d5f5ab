/** Runs a bundled Worker on bare workerd, the runtime itself: `wrangler dev` is many times slower, and is not what is measured. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** `npm ci` puts the runtime itself here. */
const WORKERD = join(import.meta.dirname, "../node_modules/workerd/bin/workerd");

export interface RunningWorker {
  readonly url: string;
  readonly process: ChildProcess;
  /** Milliseconds from the start of the process to its first answer on /health. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** Starts a bundle in local mode, with its data in a folder that goes when it stops. */
export async function runWorker(bundle: string): Promise<RunningWorker> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const port = await freePort();
  writeFileSync(join(folder, "config.capnp"), config(port, folder));
  copyFileSync(bundle, join(folder, "index.js"));
  const started = performance.now();
  const process = spawn(WORKERD, ["serve", join(folder, "config.capnp")], { stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  await firstAnswer(`${url}/health`, process);
  return {
    url,
    process,
    startMs: performance.now() - started,
    stop: async () => {
      process.kill();
      await once(process, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

function config(port: number, folder: string): string {
  const wranglerToml = readFileSync(join(import.meta.dirname, "../wrangler.toml"), "utf8");
  const compatibilityDate = /^compatibility_date = "(.+)"$/m.exec(wranglerToml)?.[1];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "disk", disk = (path = "${folder}", writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [(name = "APP_INSTANCE_USER", durableObjectNamespace = "AppInstanceUser"), (name = "LOCAL_MODE", text = "true")],
  durableObjectNamespaces = [(className = "AppInstanceUser", uniqueKey = "bench", enableSql = true)],
  durableObjectStorage = (localDisk = "disk")
);
`;
}

async function firstAnswer(url: string, process: ChildProcess): Promise<void> {
  while (process.exitCode === null) {
    try {
      await (await fetch(url)).text();
      return;
    } catch {
      await sleep(2);
    }
  }
  throw new Error("workerd ended before it served");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
