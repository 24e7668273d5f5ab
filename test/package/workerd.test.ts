import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, inject } from "vitest";
import { testStory } from "../support/client-story.ts";

const WORKERD = join(import.meta.dirname, "../../node_modules/workerd/bin/workerd");

const { folder } = inject("installedClient");

const WORKER = `
  import { tell } from "./story.ts";
  export default { fetch: async (request) => Response.json(await tell(await request.json())) };
`;

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "caller", worker = (modules = [(name = "worker", esModule = embed "worker.js")], compatibilityDate = "2026-10-01")),
    (name = "internet", network = (allow = ["private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "caller")],
);
`;

let workerd: ChildProcess;
let url = "";

// The runtime by itself: wrangler's test harness answers in its own words for a server that can't be reached.
beforeAll(async () => {
  buildSync({
    stdin: { contents: WORKER, resolveDir: folder },
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
  });
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  const args = ["serve", "--control-fd=3", join(folder, "config.capnp")];
  workerd = spawn(WORKERD, args, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  const [event] = await once(workerd.stdio[3] as Readable, "data");
  url = `http://127.0.0.1:${JSON.parse(String(event).split("\n", 1)[0] ?? "").port}`;
});

afterAll(async () => {
  workerd.kill();
  await once(workerd, "exit");
});

testStory("workerd", async (given) => {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(given) });
  return (await response.json()) as Record<string, string>;
});
