/** `npm run serve`: builds the Worker, and serves it on this machine; or copies what it serves. See docs/self-hosting.md. */
import { answerHelp } from "../src/command/help.ts";
import { CopyError } from "../src/serve/backup/copy-error.ts";
import { runCopy } from "../src/serve/backup/run.ts";
import { readCopySettings } from "../src/serve/backup/settings.ts";
import { serve } from "../src/serve/serve.ts";
import { readServeSettings, SERVE_USAGE } from "../src/serve/settings.ts";
import { NotServedError } from "../src/serve/workerd/not-served-error.ts";
import { ConfigError } from "../src/worker/model/config-error.ts";
import { bundle } from "./bundle.ts";
import { ToolError } from "./run-tool.ts";

const EXPECTED = [ConfigError, NotServedError, ToolError, CopyError];

const args = process.argv.slice(2);
answerHelp(args, SERVE_USAGE);
try {
  const copy = readCopySettings(args);
  if (copy === undefined) {
    await serve(readServeSettings(args, process.env), () => {
      console.log("Building the Worker …");
      return bundle("src/worker/index.ts");
    });
  } else {
    await runCopy(copy);
  }
} catch (error) {
  if (!EXPECTED.some((kind) => error instanceof kind)) {
    throw error;
  }
  console.error((error as Error).message);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
