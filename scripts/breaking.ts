/**
 * `npm run check:breaking`: holds the proto to what clients were generated from, the newest release. Before the first
 * one it is held to its own first commit.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

const baseline = findBaseline();
if (baseline === undefined) {
  console.error("check:breaking compares with the history of the proto, so it needs a git clone that has all of it.");
  console.error("In a shallow clone, `git fetch --unshallow --tags` brings the rest.");
  process.exitCode = 1;
} else {
  console.log(`The proto is compared with ${baseline}.`);
  process.exitCode = compareWith(baseline);
}

/** A tag or a commit; undefined where the history is not at hand, or only a part of it. */
function findBaseline(): string | undefined {
  if (git("rev-parse", "--is-shallow-repository") !== "false") {
    return undefined;
  }
  return (
    git("describe", "--tags", "--abbrev=0", "--match", "v*") ||
    git("rev-list", "--reverse", "HEAD", "--", "proto/rollcall").split("\n", 1)[0] ||
    undefined
  );
}

/** What git prints, or "" if it fails or is not there. */
function git(...args: string[]): string {
  return spawnSync("git", args, { cwd: ROOT, encoding: "utf8" }).stdout?.trim() ?? "";
}

/** The exit code of buf, which prints every change that would break a client. */
function compareWith(revision: string): number {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-breaking-"));
  try {
    // The files of google, which older revisions took from elsewhere.
    cpSync(join(ROOT, "proto/google"), join(folder, "google"), { recursive: true });
    const archive = execFileSync("git", ["archive", "--format=tar", `${revision}:proto`], { cwd: ROOT });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    return spawnSync("buf", ["breaking", "proto", "--against", folder], { cwd: ROOT, stdio: "inherit" }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
