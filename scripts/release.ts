/** `npm run release`: checks, and makes dist/release, which is published with a tag. See RELEASING.md. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeRelease } from "./release/folder.ts";
import { ToolError } from "./run-tool.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "dist/release");

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

try {
  const unfit = whyNot();
  if (unfit !== undefined) {
    throw new ToolError(unfit);
  }
  if (spawnSync("npm", ["run", "--silent", "check"], { cwd: ROOT, stdio: "inherit" }).status !== 0) {
    throw new ToolError("npm run check does not pass.");
  }
  makeRelease(FOLDER, version, ["linux/amd64", "linux/arm64"]);
  console.log(`dist/release is Rollcall ${version}:`);
  for (const file of readdirSync(FOLDER)) {
    console.log(`${(statSync(join(FOLDER, file)).size / 1e6).toFixed(2).padStart(8)} MB  ${file}`);
  }
} catch (error) {
  if (!(error instanceof ToolError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

/** What is in the clone is no release, in a sentence; undefined if it is. */
function whyNot(): string | undefined {
  if (execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" }) !== "") {
    return "There are changes that are not committed: a release is what a tag names.";
  }
  const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  return new RegExp(`^## ${version.replaceAll(".", "\\.")} \\(\\d{4}-\\d\\d-\\d\\d\\)$`, "m").test(changelog)
    ? undefined
    : `CHANGELOG.md has no "## ${version} (YYYY-MM-DD)", which says what users notice.`;
}
