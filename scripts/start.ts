/**
 * `npm start`: `wrangler dev` in local mode. What stands after `--` reaches wrangler unchanged.
 *
 * Local mode is passed on the command line and stands in no file, so no deploy can carry it.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { invitation } from "./local.ts";

const wrangler = join(import.meta.dirname, "../node_modules/wrangler/bin/wrangler.js");
const server = spawn(process.execPath, [wrangler, "dev", "--var", "LOCAL_MODE:true", ...process.argv.slice(2)], {
  // wrangler tells over the fourth channel when it listens, and where.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  // It would ask the internet what `request.cf` holds, which nothing here reads.
  env: { CLOUDFLARE_CF_FETCH_ENABLED: "false", ...process.env },
});

server.on("message", async (message) => {
  const { event, ip, port } = JSON.parse(String(message)) as { event: string; ip: string; port: number };
  if (event === "DEV_SERVER_READY") {
    const url = `http://${ip}:${port}`;
    await untilServed(url);
    console.log(await invitation(url));
  }
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => server.kill(signal));
}
server.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));

/** wrangler listens before the Worker behind it has started, and goes on listening when it can't start. */
async function untilServed(url: string): Promise<void> {
  const isServed = () =>
    fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await isServed())) {
    await sleep(250);
  }
}
