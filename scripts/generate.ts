/** `npm run generate`: what the proto and the pages are made into, for the Worker, its clients and people. */
import { unlessFresh } from "./fresh.ts";
import { runTool, ToolError } from "./run-tool.ts";

try {
  unlessFresh(
    "generated",
    ["src/gen", "src/client/gen", "src/gateway/gen", "dist/assets", "dist/meta/pages.json"],
    () => {
      runTool("buf", ["generate"]);
      runTool("buf", ["generate", "--template", "src/gateway/buf.gen.yaml"]);
      runTool("node", ["scripts/assets.ts"]);
    },
  );
} catch (error) {
  if (!(error instanceof ToolError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
