/** `npm run serve`: starts the build in dist/serve, made before if it is not there or its sources have changed. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildServe, SERVE_FOLDER } from "./build/serve.ts";
import { ToolError } from "./run-tool.ts";

try {
  buildServe(() => console.log("Building …"));
  await import(pathToFileURL(join(SERVE_FOLDER, "serve.mjs")).href);
} catch (error) {
  if (!(error instanceof ToolError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
