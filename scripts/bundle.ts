import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** Bundles a Worker as `wrangler deploy` does, into a folder of its own under dist, and answers where the bundle is. */
export function bundle(entry: string, folder = basename(entry, ".ts")): string {
  const outdir = join(ROOT, "dist", folder);
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const command = [wrangler, "deploy", entry, "--dry-run", "--outdir", outdir];
  execFileSync(process.execPath, command, { cwd: ROOT, stdio: "pipe" });
  return join(outdir, `${basename(entry, ".ts")}.js`);
}
