/**
 * What is generated or bundled is made again only when something has changed that it is made of. That saves seconds, and
 * leaves in peace what other processes read at the time: servers, and tests.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** All that anything is made of. What is made itself stands in folders named gen. */
const SOURCES = [
  ...["proto/**", "src/**", "scripts/**", "bench/workers/**", "torture/workers/**", "deploy/**"],
  ...["wrangler.toml", "buf*.yaml", "package*.json"],
];

/** Makes these files or folders, unless they are there and were made of what the sources are now. */
export function unlessFresh(name: string, made: readonly string[], make: () => void, root = ROOT): void {
  const stamp = join(root, "dist/.made-of", name);
  const sources = hashOfSources(root);
  const isThere = [stamp, ...made.map((path) => join(root, path))].every((path) => existsSync(path));
  if (isThere && readFileSync(stamp, "utf8") === sources) {
    return;
  }
  // What is left, if it fails halfway, was made of nothing that can be named.
  rmSync(stamp, { force: true });
  make();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sources);
}

function hashOfSources(root: string): string {
  const hash = createHash("sha256");
  const entries = globSync(SOURCES, { cwd: root, exclude: ["**/gen"], withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.toSorted()) {
    hash.update(hashOf(file)).update(hashOf(readFileSync(file)));
  }
  return hash.digest("hex");
}

function hashOf(data: string | Uint8Array): Uint8Array {
  return createHash("sha256").update(data).digest();
}
