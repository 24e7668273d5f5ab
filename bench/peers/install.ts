/** What the peers are made of, in a folder that git ignores: versions are pinned, and nothing of it is a dependency of ours. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CACHE = join(import.meta.dirname, "../../node_modules/.cache/peers");

export const MOTO_VERSION = "5.2.5";

/** Of the extra `moto[server]`, what the endpoints of SNS take. */
const PYTHON = [`moto==${MOTO_VERSION}`, "flask==3.1.3", "flask-cors==6.0.5", "werkzeug==3.1.9", "boto3==1.44.8"];

/** Parse Server runs on Node 20, 22 and 24, and says so; the newest of these comes with it. */
const NODE = `node-linux-${process.arch}`;
const PACKAGES = { "parse-server": "9.10.0", [NODE]: "24.21.0" };

const manifest = JSON.stringify({ private: true, dependencies: PACKAGES });

export const PARSE_VERSION = PACKAGES["parse-server"];

/** Where moto's own program stands, once it is installed. */
export const MOTO_SERVER = join(CACHE, "moto/bin/moto_server");

export const PARSE_NODE = join(CACHE, "parse/node_modules", NODE, "bin/node");
export const PARSE_SERVER = join(CACHE, "parse/node_modules/parse-server/bin/parse-server");

/** Why moto can't be installed here, or undefined. */
export function missingForMoto(): string | undefined {
  return spawnSync("python3", ["-c", "import ensurepip, venv"]).status === 0
    ? undefined
    : "python3 with its venv module is missing; on Debian, `apt-get install python3-venv`";
}

/** Whether it is there already, so that nothing has to be fetched. */
export function isParseInstalled(): boolean {
  return isInstalled("parse", manifest);
}

/** A virtual environment of its own, made anew only where the versions have changed. */
export function installMoto(): void {
  installOnce("moto", PYTHON.join(" "), (folder) => {
    execFileSync("python3", ["-m", "venv", "--clear", folder], TO_STDERR);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    execFileSync(join(folder, "bin/python"), [...pip, ...PYTHON], TO_STDERR);
  });
}

/** By npm, and without the scripts of its packages: it needs none of them. */
export function installParse(): void {
  installOnce("parse", manifest, (folder) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), manifest);
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", ...quiet], { ...TO_STDERR, cwd: folder });
  });
}

/** What standard output is for is the table. */
const TO_STDERR = { stdio: ["ignore", 2, 2] as ["ignore", 2, 2] };

function installOnce(name: string, versions: string, install: (folder: string) => void): void {
  const folder = join(CACHE, name);
  if (isInstalled(name, versions)) {
    return;
  }
  rmSync(folder, { recursive: true, force: true });
  install(folder);
  // Last, so that an installation which was interrupted is made again.
  writeFileSync(stampOf(name), versions);
}

function isInstalled(name: string, versions: string): boolean {
  return existsSync(stampOf(name)) && readFileSync(stampOf(name), "utf8") === versions;
}

function stampOf(name: string): string {
  return join(CACHE, name, "installed");
}
