/**
 * What is generated or bundled is made again only when something has changed that it is made of. That saves seconds, and
 * leaves in peace what other processes read at the time: servers, and tests.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const ROOT = join(import.meta.dirname, "..");

/** All that anything is made of. What is made itself stands in folders named gen. */
const SOURCES = [
  ...["proto/**", "src/**", "scripts/**", "bench/workers/**", "torture/workers/**", "deploy/**"],
  ...["wrangler.toml", "buf*.yaml", "package*.json"],
];

/** Where it is told of each what it was made of. */
const STAMPS = "dist/.made-of";

/** Makes these files or folders, unless they are there and were made of what the sources are now. Whoever else wants them waits for that. */
export function unlessFresh(name: string, made: readonly string[], make: () => void, root = ROOT): void {
  const stamp = join(root, STAMPS, name);
  const sources = hashOfSources(root);
  const isFresh = () =>
    [stamp, ...made.map((path) => join(root, path))].every((path) => existsSync(path)) &&
    readFileSync(stamp, "utf8") === sources;
  if (isFresh()) {
    return;
  }
  mkdirSync(join(root, STAMPS), { recursive: true });
  oneAtATime(`${stamp}.lock`, () => {
    if (isFresh()) {
      return;
    }
    // What is left, if it fails halfway, was made of nothing that can be named. The stamp stays, for others may be reading it.
    writeFileSync(stamp, "");
    make();
    writeFileSync(stamp, sources);
  });
}

/** Waits until no other process is at it. The lock is an empty database of SQLite, for the operating system takes it back from who is killed. */
function oneAtATime(path: string, work: () => void): void {
  using lock = new DatabaseSync(path, { timeout: WAIT_MS });
  lock.exec("BEGIN EXCLUSIVE");
  work();
}

/** Longer than anything takes to make, on a busy machine too. */
const WAIT_MS = 600_000;

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
