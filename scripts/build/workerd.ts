import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../run-tool.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What one can serve on, named as images of containers are, and the package that has workerd for it. */
const PACKAGES = {
  "linux/amd64": "@cloudflare/workerd-linux-64",
  "linux/arm64": "@cloudflare/workerd-linux-arm64",
  "darwin/amd64": "@cloudflare/workerd-darwin-64",
  "darwin/arm64": "@cloudflare/workerd-darwin-arm64",
} as const;

export type Platform = keyof typeof PACKAGES;

export const PLATFORMS = Object.keys(PACKAGES) as readonly Platform[];

/** It may be none of them, such as Windows. */
export const OWN_PLATFORM = `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`;

export function isPlatform(platform: string): platform is Platform {
  return platform in PACKAGES;
}

/** The file that is workerd for a platform: the one that `npm ci` has installed, or one that npm brings now. */
export function workerdFor(platform: Platform): string {
  const name = PACKAGES[platform];
  const installed = join(ROOT, "node_modules", name, "bin/workerd");
  return existsSync(installed) ? installed : workerdOf(name);
}

/** Takes it out of a package that is the one in the lockfile, to the bit. */
function workerdOf(name: string): string {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const { version, integrity } = packages[`node_modules/${name}`];
  const folder = mkdtempSync(join(tmpdir(), "rollcall-workerd-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const packed = execFileSync("npm", ["pack", "--silent", `${name}@${version}`], { cwd: folder, encoding: "utf8" });
  const file = join(folder, packed.trim());
  const hash = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (hash !== integrity) {
    throw new ToolError(`${name} ${version} is not what package-lock.json says: its hash is ${hash}.`);
  }
  execFileSync("tar", ["-xzf", file, "-C", folder, "package/bin/workerd"]);
  return join(folder, "package/bin/workerd");
}
