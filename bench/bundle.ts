import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Bundles a Worker as `wrangler deploy` does, and answers where the bundle is. */
export function bundle(entry: string): string {
  const name = basename(entry, ".ts");
  const outdir = join(root, "dist/bench", name);
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const command = [wrangler, "deploy", entry, "--dry-run", "--minify", "--outdir", outdir];
  execFileSync(process.execPath, command, { cwd: root, stdio: "pipe" });
  return join(outdir, `${name}.js`);
}
