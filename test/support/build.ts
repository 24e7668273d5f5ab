import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Builds the Worker once for all end-to-end tests, as `wrangler deploy` would. */
export default function build(): void {
  const root = join(import.meta.dirname, "../..");
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  execFileSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", "dist"], { cwd: root, stdio: "pipe" });
}
