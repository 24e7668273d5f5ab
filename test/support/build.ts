import { dirname, join } from "node:path";
import { buildServe } from "../../scripts/build/serve.ts";

/** The built Worker, bundled. */
export const WORKER_BUNDLE = join(import.meta.dirname, "../../dist/index/index.js");

/** A folder with the built Worker and nothing else, for the test harness takes all that lies in it for a part of the Worker. */
export const WORKER_FOLDER = dirname(WORKER_BUNDLE);

/** Builds the Worker once for all tests of a suite, as `wrangler deploy` would, and what `npm run serve` starts from. */
export default function build(): void {
  buildServe();
}
