/** serve.mjs of a build: serves what stands beside it, or copies what that serves. `npm run build` bundles it. See docs/self-hosting.md. */
import { join } from "node:path";
import { answerHelp } from "../command/help.ts";
import { ConfigError } from "../worker/model/config-error.ts";
import { CopyError } from "./backup/copy-error.ts";
import { runCopy } from "./backup/run.ts";
import { readCopySettings } from "./backup/settings.ts";
import { serve } from "./serve.ts";
import { readServeSettings, SERVE_USAGE } from "./settings.ts";
import { NotServedError } from "./workerd/not-served-error.ts";

/** Given by the build. */
declare const COMPATIBILITY_DATE: string;

const HERE = import.meta.dirname;

const BUILD = {
  bundle: join(HERE, "worker.js"),
  runtime: { program: join(HERE, "workerd"), assets: join(HERE, "assets"), compatibilityDate: COMPATIBILITY_DATE },
};

// What workerd and copies write is nobody else's, whatever the shell's own umask lets others do.
process.umask(0o077);

const EXPECTED = [ConfigError, NotServedError, CopyError];

const args = process.argv.slice(2);
answerHelp(args, SERVE_USAGE);
try {
  const copy = readCopySettings(args);
  await (copy === undefined ? serve(readServeSettings(args, process.env), BUILD) : runCopy(copy));
} catch (error) {
  if (!EXPECTED.some((kind) => error instanceof kind)) {
    throw error;
  }
  console.error((error as Error).message);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
