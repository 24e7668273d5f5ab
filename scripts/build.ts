/** `npm run build`: makes one folder that serves by itself. See docs/self-hosting.md. */
import { relative } from "node:path";
import { misused, readOptions } from "../src/command/arguments.ts";
import { answerHelp } from "../src/command/help.ts";
import { ConfigError } from "../src/worker/model/config-error.ts";
import { buildServe, buildServeInto, SERVE_FOLDER } from "./build/serve.ts";
import { isPlatform, OWN_PLATFORM, PLATFORMS } from "./build/workerd.ts";
import { ToolError } from "./run-tool.ts";

const USAGE = `Usage: npm run build [-- --out DIR] [--platform PLATFORM]

  --out DIR            the folder to make: dist/serve if not given, which npm run serve starts from. A build that is there is replaced
  --platform PLATFORM  what is to serve, if it is not this machine: ${PLATFORMS.join(", ")}. Needs --out`;

const OPTIONS = { out: { type: "string" }, platform: { type: "string", default: OWN_PLATFORM } } as const;

const args = process.argv.slice(2);
answerHelp(args, USAGE);
try {
  const { out, platform } = readOptions(args, OPTIONS, USAGE);
  if (!isPlatform(platform) || (platform !== OWN_PLATFORM && out === undefined)) {
    throw misused(`--platform must be one of ${PLATFORMS.join(", ")}, and goes with --out`, USAGE);
  }
  if (out === undefined) {
    buildServe();
  } else {
    buildServeInto(out, platform);
  }
  console.log(
    `${out ?? relative(process.cwd(), SERVE_FOLDER)} serves on ${platform}, with Node and nothing else: node serve.mjs --help`,
  );
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof ToolError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
