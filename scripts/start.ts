/**
 * `npm start`: `wrangler dev` in local mode. What stands after `--` reaches wrangler.
 *
 * Local mode is passed on the command line and stands in no file, so no deploy can carry it.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { health, serverUrl } from "../src/command/address.ts";
import { AFTER_DASHES, misused } from "../src/command/arguments.ts";
import { whenToldToEnd } from "../src/command/ending/when-told.ts";
import { answerHelp } from "../src/command/help.ts";
import { invitation } from "../src/command/local.ts";
import { OPEN_LOCAL_MODE } from "../src/serve/open-local-mode.ts";
import { ConfigError } from "../src/worker/model/config-error.ts";
import { wranglerArguments } from "./start-arguments.ts";

const USAGE = `Usage: npm start [-- OPTIONS]

  --port N  what to listen on: 8787 if not given
  --${OPEN_LOCAL_MODE}
            with an --ip that other machines reach: whoever reaches it may do everything

All other options are those of \`wrangler dev\`, which \`npm exec -- wrangler dev --help\` lists.`;

const WITH_PARENT = new URL("../src/command/ending/with-parent.ts", import.meta.url).href;
const WRANGLER = join(import.meta.dirname, "../node_modules/wrangler/bin/wrangler.js");

const args = process.argv.slice(2);
answerHelp(args, USAGE);
const server = spawn(process.execPath, ["--import", WITH_PARENT, WRANGLER, ...wranglerCommand()], {
  // wrangler tells over the fourth channel when it listens, and where.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  // It would ask the internet what `request.cf` holds, which nothing here reads.
  env: { CLOUDFLARE_CF_FETCH_ENABLED: "false", ...process.env },
});
whenToldToEnd(() => server.kill());
server.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 0)));

server.on("message", async (message) => {
  const { event, ip, port } = JSON.parse(String(message)) as { event: string; ip: string; port: number };
  if (event === "DEV_SERVER_READY") {
    const url = serverUrl(ip, port);
    await untilServed(url);
    console.log(await invitation(url));
  }
});

function wranglerCommand(): string[] {
  try {
    if (process.env.npm_config_port !== undefined || /^[^-]/.test(args[0] ?? "")) {
      throw misused(`${AFTER_DASHES}, as in: npm start -- --port 9001`, USAGE);
    }
    return wranglerArguments(args);
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(error.message);
      process.exit(2);
    }
    throw error;
  }
}

/** wrangler listens before the Worker behind it has started, and goes on listening when it can't start. */
async function untilServed(url: string): Promise<void> {
  const isServed = () =>
    health(url).then(
      (status) => status === 200,
      () => false,
    );
  while (!(await isServed())) {
    await sleep(250);
  }
}
