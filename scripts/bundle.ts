import { basename, dirname, join } from "node:path";
import { unlessFresh } from "./fresh.ts";
import { runTool } from "./run-tool.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * Bundles a Worker as `wrangler deploy` does, into a folder of its own under dist, and answers where the bundle is.
 * Throws a ToolError that says what is wrong with the sources.
 */
export function bundle(entry: string): string {
  const name = basename(entry, ".ts");
  const bundled = `dist/${name}/${name}.js`;
  unlessFresh(`bundle-${name}`, [bundled], () => {
    // wrangler does so too, but buries what goes wrong there in a report of its own.
    runTool(process.execPath, ["scripts/generate.ts"]);
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    runTool(process.execPath, [wrangler, "deploy", entry, "--dry-run", "--outdir", dirname(bundled)]);
  });
  return join(ROOT, bundled);
}
