/** A release that came before, built from the repository's history. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The first whose data later ones must go on with: the Directory's rows have been as they are since. */
export const EARLIER = "29e6b16";

/** Why it can't be built here, if so. */
export function noEarlier(): string | undefined {
  const { status } = spawnSync("git", ["cat-file", "-e", `${EARLIER}^{commit}`], { cwd: ROOT, stdio: "ignore" });
  return status === 0 ? undefined : `the repository's history has no ${EARLIER}: this is a shallow clone, or none`;
}

/** Its Worker, built once and kept. */
export function earlierBundle(): string {
  const folder = join(ROOT, "dist/earlier", EARLIER);
  const bundle = join(folder, "dist/index/index.js");
  if (!existsSync(bundle)) {
    // What is left, if it failed halfway.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const files = execFileSync("git", ["archive", EARLIER], { cwd: ROOT, maxBuffer: 1e9 });
    execFileSync("tar", ["x"], { cwd: folder, input: files });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const build = 'import("./scripts/bundle.ts").then(({ bundle }) => bundle("src/worker/index.ts"))';
    execFileSync(process.execPath, ["--eval", build], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  return bundle;
}
