/** Whose code is in a build, and by which licences. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

const MODULES = join(import.meta.dirname, "../../node_modules");

/** The text itself, for packages that name it and do not bring it. */
const APACHE_2 = readFileSync(join(MODULES, "@grpc/reflection/LICENSE"), "utf8").trim();

/** A package of npm of which something is shipped. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** As SPDX writes them: "(Apache-2.0 AND BSD-3-Clause)". */
  readonly license: string;
  /** Its licence and its notices, as it brings them: in files, or at the heads of its sources. */
  readonly texts: readonly string[];
}

/** What esbuild says that it has bundled; and workerd, which is shipped as it is. */
export function shippedPackages(...metafiles: readonly Metafile[]): ShippedPackage[] {
  const files = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((input) => /(?:^|\/)node_modules\/(.+)$/.exec(input)?.[1] ?? []);
  const bundled = Map.groupBy(files, (file) => /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? "");
  const packages = [...bundled, ["workerd", []] as const];
  return packages.map(([path, sources]) => read(path, sources)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function read(path: string, sources: readonly string[]): ShippedPackage {
  const folder = join(MODULES, path);
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = globSync("{LICEN[CS]E,NOTICE,COPYING}*", { cwd: folder }).toSorted();
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return { name, version, license, texts: files.length > 0 ? texts : [...new Set(sources.flatMap(headOf))] };
}

/** The comment that a source begins with, if it says whose it is. */
function headOf(source: string): string[] {
  const [comment = ""] = /^(?:\/\/.*\n)*/.exec(readFileSync(join(MODULES, source), "utf8")) ?? [];
  return comment.includes("Copyright") ? [comment.replaceAll(/^\/\/ ?/gm, "").trim()] : [];
}

/** For people to read: every package, its licence, and the texts that have to go with it. */
export function licences(packages: readonly ShippedPackage[]): string {
  const sections = packages.map(({ name, version, license, texts }) => {
    const title = `${name} ${version}, ${license}`;
    return [title, ...texts.map((text) => text.replaceAll(/^(?=.)/gm, "    "))].join("\n\n");
  });
  return `${[ABOUT, ...sections, `The Apache License 2.0\n\n${APACHE_2}`].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

const ABOUT = `Rollcall is made with the packages below, and these are their licences.

workerd is the program of Cloudflare's that runs the Worker. It is made of others in turn, such as V8, BoringSSL, SQLite and
Cap'n Proto, whose licences stand in its sources: https://github.com/cloudflare/workerd`;
