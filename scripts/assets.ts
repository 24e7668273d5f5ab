/**
 * A part of `npm run generate`: makes dist/assets, the files that the Worker serves to people. Each folder of src/pages
 * is a page, of its index.html, main.ts and main.css; beside them stands the API's description.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { openApiDocument } from "../src/openapi/document.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGES = join(ROOT, "src/pages");
const ASSETS = join(ROOT, "dist/assets");
const META = join(ROOT, "dist/meta");

rmSync(ASSETS, { recursive: true, force: true });
mkdirSync(ASSETS, { recursive: true });
await buildPages();
writeFileSync(join(ASSETS, "openapi.json"), JSON.stringify(describeApi(), null, 2));

async function buildPages(): Promise<void> {
  const { metafile } = await build({
    entryPoints: globSync("*/{index.html,main.ts,main.css}", { cwd: PAGES }),
    absWorkingDir: PAGES,
    outbase: PAGES,
    outdir: ASSETS,
    bundle: true,
    format: "esm",
    minify: true,
    loader: { ".html": "copy" },
    logLevel: "warning",
    metafile: true,
  });
  mkdirSync(META, { recursive: true });
  writeFileSync(join(META, "pages.json"), JSON.stringify(metafile));
}

/** The OpenAPI document, of the proto and its comments, which generated code has not. */
function describeApi(): unknown {
  const image = execFileSync("buf", ["build", "--path", "proto/rollcall", "--output", "-#format=binpb"], { cwd: ROOT });
  return openApiDocument(image);
}
