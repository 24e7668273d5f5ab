import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { unlessFresh } from "./fresh.ts";
import { runTool } from "./run-tool.ts";

const ROOT = join(import.meta.dirname, "..");

/**
 * Bundles a Worker as `wrangler deploy` does, into a folder of its own under dist, and answers where the bundle is, beside
 * its source map. What it is made of stands in dist/meta, as esbuild says it. Throws a ToolError that says what is wrong with the sources.
 */
export function bundle(entry: string): string {
  const name = basename(entry, ".ts");
  const bundled = `dist/${name}/${name}.js`;
  const meta = `dist/meta/${name}.json`;
  unlessFresh(`bundle-${name}`, [bundled, `${bundled}.map`, meta], () => {
    // wrangler does so too, but buries what goes wrong there in a report of its own.
    runTool(process.execPath, ["scripts/generate.ts"]);
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    mkdirSync(join(ROOT, "dist/meta"), { recursive: true });
    const outputs = ["--outdir", dirname(bundled), "--metafile", meta];
    runTool(process.execPath, [wrangler, "deploy", entry, "--dry-run", ...outputs]);
  });
  return join(ROOT, bundled);
}
