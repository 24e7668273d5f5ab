import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Every file that vitest knows, with the suite that has it. */
function knownFiles(): { file: string; projectName: string }[] {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const command = [vitest, "list", "--filesOnly", "--json"];
  return JSON.parse(execFileSync(process.execPath, command, { cwd: root, encoding: "utf8" }));
}

/** The suites that .ci/run runs, by the npm commands of its steps. */
function suitesOfCi(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const steps = readFileSync(join(root, ".ci/run"), "utf8").matchAll(/^step "(?:.* )?npm (?:run )?(test\S*)"$/gm);
  return Array.from(steps, ([, name = ""]) => String(scripts[name])).flatMap((command) =>
    Array.from(command.matchAll(/--project (\S+)/g), ([, suite = ""]) => suite),
  );
}

describe("every test", () => {
  it("is in one suite, and .ci/run runs every suite once", () => {
    const known = knownFiles();
    const written = globSync("**/*.test.ts", { cwd: root, exclude: ["**/node_modules", "dist"] });
    expect(known.map(({ file }) => file).toSorted()).toEqual(written.map((file) => join(root, file)).toSorted());
    expect(suitesOfCi().toSorted()).toEqual([...new Set(known.map(({ projectName }) => projectName))].toSorted());
  });
});
