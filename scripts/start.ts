/**
 * `npm start`: `wrangler dev` in local mode. What stands after `--` reaches wrangler unchanged.
 *
 * Local mode is passed on the command line and stands in no file, so no deploy can carry it.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { invitation } from "./local.ts";

const wrangler = join(import.meta.dirname, "../node_modules/wrangler/bin/wrangler.js");
const server = spawn(process.execPath, [wrangler, "dev", "--var", "LOCAL_MODE:true", ...process.argv.slice(2)], {
  // wrangler tells over the fourth channel when it serves, and where.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});

server.on("message", async (message) => {
  const { event, ip, port } = JSON.parse(String(message)) as { event: string; ip: string; port: number };
  if (event === "DEV_SERVER_READY") {
    const url = `http://${ip}:${port}`;
    // wrangler listens before the Worker behind it has started, and holds requests until it has.
    await fetch(`${url}/health`);
    console.log(invitation(url));
  }
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => server.kill(signal));
}
server.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 0);
});
