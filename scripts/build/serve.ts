import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { buildSync, type Metafile } from "esbuild";
import { compatibilityDateOf } from "../../src/serve/workerd/runtime.ts";
import { bundle } from "../bundle.ts";
import { unlessFresh } from "../fresh.ts";
import { ToolError } from "../run-tool.ts";
import { licences, type ShippedPackage, shippedPackages } from "./licences.ts";
import { isPlatform, OWN_PLATFORM, PLATFORMS, type Platform, workerdFor } from "./workerd.ts";

const ROOT = join(import.meta.dirname, "../..");

/** By this name in its package.json a build is known. */
const NAME = "rollcall-serve";

/** The oldest Node that has what the programs call. */
const NODE_MIN = "20.12";

/** The build of this machine. */
export const SERVE_FOLDER = join(ROOT, "dist/serve");

/** Makes dist/serve, unless it is there and was made of what the sources are now. */
export function buildServe(onBuild = () => {}): void {
  unlessFresh("serve", ["dist/serve"], () => {
    onBuild();
    if (!isPlatform(OWN_PLATFORM)) {
      throw new ToolError(`There is no build for ${OWN_PLATFORM}, but for ${PLATFORMS.join(", ")}.`);
    }
    buildServeInto(SERVE_FOLDER, OWN_PLATFORM);
  });
}

/**
 * Builds what a machine needs to serve, and nothing else, into a folder: the bundled Worker, its pages, workerd, and the
 * programs serve.mjs and gateway.mjs, which need a Node and no package. A build that is there is replaced, and nothing
 * else is. Answers what others made of it.
 */
export function buildServeInto(folder: string, platform: Platform): readonly ShippedPackage[] {
  if (!isReplaceable(folder)) {
    throw new ToolError(`${folder} is there, and is no build: name another folder.`);
  }
  const worker = bundle("src/worker/index.ts");
  const made = `${resolve(folder)}.new`;
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  const programs = bundlePrograms(made);
  copyFileSync(worker, join(made, "worker.js"));
  copyFileSync(workerdFor(platform), join(made, "workerd"));
  cpSync(join(ROOT, "dist/assets"), join(made, "assets"), { recursive: true });
  copyFileSync(join(ROOT, "deploy/rollcall.service"), join(made, "rollcall.service"));
  copyFileSync(join(ROOT, "LICENSE"), join(made, "LICENSE"));
  const shipped = shippedPackages(programs, metaOf("index"), metaOf("pages"));
  writeFileSync(join(made, "THIRD-PARTY-LICENSES"), licences(shipped));
  writeFileSync(join(made, "package.json"), `${JSON.stringify(manifestFor(platform), null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(made, folder);
  return shipped;
}

function isReplaceable(folder: string): boolean {
  if (!existsSync(folder) || readdirSync(folder).length === 0) {
    return true;
  }
  const manifest = join(folder, "package.json");
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === NAME;
}

function bundlePrograms(outdir: string): Metafile {
  return buildSync({
    entryPoints: { serve: "src/serve/main.ts", gateway: "src/gateway/main.ts" },
    absWorkingDir: ROOT,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: `node${NODE_MIN}`,
    // For packages in CommonJS, which ask for modules of Node's.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    define: { COMPATIBILITY_DATE: JSON.stringify(compatibilityDateOf(join(ROOT, "wrangler.toml"))) },
    logLevel: "warning",
    metafile: true,
  }).metafile;
}

/** What esbuild said of a bundle that was made before. */
function metaOf(name: string): Metafile {
  return JSON.parse(readFileSync(join(ROOT, `dist/meta/${name}.json`), "utf8"));
}

function manifestFor(platform: Platform) {
  const { version, license } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [os, architecture] = platform.split("/");
  return {
    name: NAME,
    version,
    private: true,
    license,
    type: "module",
    engines: { node: `>=${NODE_MIN}` },
    os: [os],
    cpu: [architecture === "amd64" ? "x64" : architecture],
  };
}
