/** `npm run check`: runs every script of package.json that is named check:…, each also after one that failed. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
const checks = Object.entries(scripts).filter(([name]) => name.startsWith("check:"));
const failed = checks.filter(([name, command]) => !passes(name.slice("check:".length), command)).length;
console.log(`Checks  ${failed > 0 ? `${failed} failed | ` : ""}${checks.length - failed} passed (${checks.length})`);
process.exitCode = failed > 0 ? 1 : 0;

/** What a check prints is shown only if it failed. */
function passes(name: string, command: string): boolean {
  const started = performance.now();
  const { status, stdout } = spawnSync(`${command} 2>&1`, { cwd: ROOT, shell: true, encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${status === 0 ? "✓" : "✗"} ${name} (${seconds} s)`);
  if (status !== 0) {
    console.log(stdout);
  }
  return status === 0;
}
