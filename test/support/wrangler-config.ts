import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/**
 * What tests give to wrangler: wrangler.toml in another folder, for beside wrangler.toml lies `.dev.vars`, in which
 * developers have callers and settings of their own.
 */
export const WRANGLER_CONFIG = join(ROOT, "dist/test/wrangler.toml");

/** Written once, before any test runs. */
export function writeWranglerConfig(): string {
  const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8")
    .replace(/^main = "/m, "$&../../")
    .replace(/^directory = "/m, "$&../../")
    // Tests build by themselves, and once.
    .replace(/^\[build\]\n(?:.+\n)*/m, "")
    // vitest, which this would be put into too, has use for a process.
    .replace(/^\[define\]\n(?:.+\n)*/m, "");
  mkdirSync(dirname(WRANGLER_CONFIG), { recursive: true });
  writeFileSync(WRANGLER_CONFIG, toml);
  return WRANGLER_CONFIG;
}
