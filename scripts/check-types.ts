/** `npm run check:types`: each program with the types of its own runtime, and everything else with those of all. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

const programs = [".", ...globSync("src/*/tsconfig.json", { cwd: ROOT }).map(dirname)];
const failed = programs.filter((program) => {
  const command = ["tsc", "--noEmit", "--project", program];
  return spawnSync("npx", command, { cwd: ROOT, stdio: "inherit", shell: process.platform === "win32" }).status !== 0;
});
console.log(failed.length === 0 ? `${programs.length} programs` : `Types are wrong in ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
