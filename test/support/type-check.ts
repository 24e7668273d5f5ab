import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The globals of Node. Connect's own declarations name some of the DOM's, so declarations are left unchecked. */
export const NODE = {
  ...{ types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] },
  ...{ lib: ["es2024"], skipLibCheck: true },
};

/** The globals of Workers. */
export const WORKERS = { lib: ["es2024"], types: [join(ROOT, "node_modules/@cloudflare/workers-types")] };

/** By a bundler's rules for imports. */
export const BUNDLER = { module: "preserve", moduleResolution: "bundler" };

/**
 * What tsc says of a file in a folder, under strict NodeNext for browsers and with every declaration checked, unless
 * other options are given. Nothing if all is well.
 */
export function complaints(folder: string, file: string, options: object = {}): string {
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
    ...{ module: "nodenext", target: "es2022", lib: ["es2022", "dom"], types: [], noEmit: true },
    ...options,
  };
  const project = join(folder, `tsconfig.${file}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [tsc, "--project", project], { cwd: folder, encoding: "utf8" }).stdout;
}
