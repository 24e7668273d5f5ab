/** `npm run serve`: builds the Worker, and serves it on this machine. See docs/self-hosting.md. */
import { answerHelp } from "../src/command/help.ts";
import { serve } from "../src/serve/serve.ts";
import { readServeSettings, SERVE_USAGE } from "../src/serve/settings.ts";
import { NotServedError } from "../src/serve/workerd/start.ts";
import { ConfigError } from "../src/worker/model/config-error.ts";
import { bundle } from "./bundle.ts";
import { ToolError } from "./run-tool.ts";

const args = process.argv.slice(2);
answerHelp(args, SERVE_USAGE);
try {
  await serve(readServeSettings(args, process.env), () => {
    console.log("Building the Worker …");
    return bundle("src/worker/index.ts");
  });
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof NotServedError || error instanceof ToolError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
