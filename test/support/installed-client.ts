import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import root from "../../package.json" with { type: "json" };

/** The client package, packed and then installed as a user would, in a project that has nothing else. */
export interface InstalledClient {
  /** The project's. */
  readonly folder: string;
  /** What the packed file holds. */
  readonly files: readonly string[];
}

declare module "vitest" {
  interface ProvidedContext {
    installedClient: InstalledClient;
  }
}

const ROOT = join(import.meta.dirname, "../..");

/** Installs it once for all tests of a suite. */
export default function install(project: TestProject): () => void {
  const client = installClient();
  project.provide("installedClient", client);
  return () => rmSync(client.folder, { recursive: true });
}

/** The registry is asked for what the package depends on. Whoever installs it removes the folder. */
export function installClient(): InstalledClient {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-client-"));
  execFileSync(process.execPath, [join(ROOT, "scripts/build-client.ts")], { stdio: "inherit" });
  const packed = npm(ROOT, "pack", "./dist/client", "--json", "--pack-destination", folder);
  const [tarball] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[];
  // At the root's own versions: newer ones come at any time, and tests are to fail for a change of ours only.
  const overrides = { ...root.dependencies, ...root.devDependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", overrides }));
  npm(folder, "install", "--no-audit", "--no-fund", `./${tarball?.filename}`);
  copyFileSync(join(ROOT, "test/support/package-story.ts"), join(folder, "story.ts"));
  return { folder, files: tarball?.files.map(({ path }) => path) ?? [] };
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
