/**
 * A part of `npm run generate`: makes dist/assets, the files that the Worker serves to people. Each folder of src/pages
 * is a page, of its index.html, main.ts and main.css.
 */
import { globSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "..");
const PAGES = join(ROOT, "src/pages");
const ASSETS = join(ROOT, "dist/assets");

rmSync(ASSETS, { recursive: true, force: true });
mkdirSync(ASSETS, { recursive: true });
await build({
  entryPoints: globSync("*/{index.html,main.ts,main.css}", { cwd: PAGES }),
  absWorkingDir: PAGES,
  outbase: PAGES,
  outdir: ASSETS,
  bundle: true,
  format: "esm",
  minify: true,
  loader: { ".html": "copy" },
  logLevel: "warning",
});
