/**
 * `npm run lock`: brings package-lock.json up to date with package.json, for every platform.
 *
 * Tools ship their binaries as one optional package per platform. Where the registry in use does not have one of them,
 * npm leaves it out of the lockfile, and `npm ci` then refuses that lockfile on every platform. So what is left out is
 * entered here, by the version that the tool itself pins; it has no hash until a registry that has it is asked.
 *
 * What packages say of the Node they need is left out.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Entry {
  version: string;
  optional?: boolean;
  dev?: boolean;
  engines?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  [member: string]: unknown;
}

const root = join(import.meta.dirname, "..");

// In an empty folder: npm takes over what an installed tree or an older lockfile leaves out.
const folder = mkdtempSync(join(tmpdir(), "lock-"));
for (const file of ["package.json", ".npmrc"]) {
  copyFileSync(join(root, file), join(folder, file));
}
execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });

const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as { packages: Record<string, Entry> };
for (const [path, entry] of Object.entries(lock.packages)) {
  // npm holds this against the Node that it runs on itself, and warns; the packages run on the one that they bring along.
  if (path !== "") {
    delete entry.engines;
  }
}
const entered: string[] = [];
for (const { dev, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] === undefined) {
      lock.packages[key] = { version, ...(dev && { dev }), optional: true, ...platform(name) };
      entered.push(name);
    }
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(root, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
rmSync(folder, { recursive: true });
console.log(`entered without a hash: ${entered.join(", ") || "nothing"}`);

/** What a package for one platform is for, by its name: "@biomejs/cli-linux-x64-musl". */
function platform(name: string): { os: string[]; cpu: string[]; libc?: string[] } {
  const words = name.split(/[-/]/);
  const os = ["android", "darwin", "linux", "win32", "windows", "freebsd"].find((word) => words.includes(word));
  const cpu = ["arm64", "x64", "armv7", "arm", "64", "ia32"].find((word) => words.includes(word));
  if (os === undefined || cpu === undefined) {
    throw new Error(`${name} is missing from the lockfile, and is not for one platform`);
  }
  return {
    os: [os === "windows" ? "win32" : os],
    cpu: [{ armv7: "arm", "64": "x64" }[cpu] ?? cpu],
    ...(words.includes("musl") && { libc: ["musl"] }),
  };
}
