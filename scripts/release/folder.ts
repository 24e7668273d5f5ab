import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShippedPackage } from "../build/licences.ts";
import { buildServeInto } from "../build/serve.ts";
import type { Platform } from "../build/workerd.ts";
import { runTool } from "../run-tool.ts";
import { billOfMaterials } from "./bill-of-materials.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Makes a folder with all that a release is published with: builds for these platforms, and what is the same for all. */
export function makeRelease(folder: string, version: string, platforms: readonly Platform[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "rollcall-release-"));
  try {
    let shipped: readonly ShippedPackage[] = [];
    for (const platform of platforms) {
      const name = `rollcall-serve-${version}-${platform.replace("/", "-")}`;
      shipped = buildServeInto(join(work, name), platform);
      pack(work, name, folder);
      rmSync(join(work, name), { recursive: true });
    }
    const protos = `rollcall-protos-${version}`;
    cpSync(join(ROOT, "proto"), join(work, protos), { recursive: true });
    pack(work, protos, folder);
    packClient(folder);
    copyFileSync(join(ROOT, "dist/assets/openapi.json"), join(folder, `rollcall-openapi-${version}.json`));
    writeFileSync(
      join(folder, `rollcall-${version}.cdx.json`),
      `${JSON.stringify(billOfMaterials(shipped), null, 2)}\n`,
    );
  } finally {
    rmSync(work, { recursive: true });
  }
  writeFileSync(join(folder, "SHA256SUMS"), checksums(folder));
}

/** With nothing in it of the machine that made it, so that the same commit makes the same file. */
function pack(work: string, name: string, folder: string): void {
  const time = execFileSync("git", ["log", "-1", "--format=@%ct"], { cwd: ROOT, encoding: "utf8" }).trim();
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=go=rX,u+rw", `--mtime=${time}`];
  const file = join(folder, `${name}.tar.gz`);
  runTool("tar", [...same, "--use-compress-program=gzip -n", "--create", "--file", file, "--directory", work, name]);
}

function packClient(folder: string): void {
  runTool(process.execPath, [join(ROOT, "scripts/build-client.ts")]);
  runTool("npm", ["pack", join(ROOT, "dist/client"), "--pack-destination", folder]);
}

/** As `sha256sum --check` reads them. */
function checksums(folder: string): string {
  const lines = readdirSync(folder).map((file) => {
    const hash = createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest("hex");
    return `${hash}  ${file}\n`;
  });
  return lines.join("");
}
