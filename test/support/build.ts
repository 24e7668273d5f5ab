import { execFileSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A folder with the built Worker and nothing else, for the test harness takes all that lies in it for a part of the Worker. */
export const WORKER_FOLDER = join(ROOT, "dist/worker");

/** The built Worker, bundled. */
export const WORKER_BUNDLE = join(WORKER_FOLDER, "index.js");

/** Builds the Worker once for all end-to-end tests, as `wrangler deploy` would. */
export default function build(): void {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const command = [wrangler, "deploy", "--dry-run", "--outdir", WORKER_FOLDER];
  execFileSync(process.execPath, command, { cwd: ROOT, stdio: "pipe" });
}
