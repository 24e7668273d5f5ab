import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const WANTED = join(ROOT, "test/senders");

/** They are no dependencies of the project: its own `npm ci` is to stay light, and they are kept from run to run. */
const FOLDER = join(ROOT, "node_modules/.cache/senders");

/** Installs the libraries of senders, once for all tests of a suite: 44 MB, without the parts of firebase-admin that are not for pushes. */
export default function install(): void {
  const isThere =
    existsSync(join(FOLDER, "node_modules/.package-lock.json")) &&
    readFileSync(join(FOLDER, "package-lock.json"), "utf8") === readFileSync(join(WANTED, "package-lock.json"), "utf8");
  if (isThere) {
    return;
  }
  mkdirSync(FOLDER, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(WANTED, file), join(FOLDER, file));
  }
  const command = ["ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", command, { cwd: FOLDER, stdio: ["ignore", "ignore", "inherit"] });
}

/** Loads a library of theirs. */
export const requireLibrary = createRequire(join(FOLDER, "package.json"));
