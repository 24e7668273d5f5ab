import { execFileSync } from "node:child_process";
import { basename, dirname, join } from "node:path";
import { unlessFresh } from "./fresh.ts";

const ROOT = join(import.meta.dirname, "..");

/** Bundles a Worker as `wrangler deploy` does, into a folder of its own under dist, and answers where the bundle is. */
export function bundle(entry: string): string {
  const name = basename(entry, ".ts");
  const bundled = `dist/${name}/${name}.js`;
  unlessFresh(`bundle-${name}`, [bundled], () => {
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    const command = [wrangler, "deploy", entry, "--dry-run", "--outdir", dirname(bundled)];
    execFileSync(process.execPath, command, { cwd: ROOT, stdio: "pipe" });
  });
  return join(ROOT, bundled);
}
