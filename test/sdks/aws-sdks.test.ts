import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { beforeAll, describe, it } from "vitest";
import { PYTHON_PROGRAMS, preparePython } from "../../scripts/python.ts";
import { follow, type Section, sectionOf } from "../support/follow.ts";
import { serve } from "../support/server.ts";

const server = serve();
const section = (heading: string): Section => sectionOf("docs/aws-sdks.md", heading);

/** Compiled dependencies are kept from run to run. */
const CARGO_TARGET_DIR = join(import.meta.dirname, "../../node_modules/.cache/sdks/rust");

/** Whether a tool is there, and new enough: what it answers holds its version. */
function has(minimum: string, tool: string, ...args: string[]): boolean {
  const { stdout } = spawnSync(tool, args, { encoding: "utf8" });
  const version = /\d+\.\d+/.exec(stdout ?? "")?.[0];
  return version !== undefined && version.localeCompare(minimum, "en", { numeric: true }) >= 0;
}

describe("docs/aws-sdks.md has what works as printed", () => {
  describe("with settings only", () => {
    const env = { PATH: `${PYTHON_PROGRAMS}${delimiter}${process.env.PATH}` };
    beforeAll(() => void preparePython());

    it("in a profile", () => follow([section("A profile")], { ...place(), env }));
    it("in environment variables", () => follow([section("Environment variables")], { ...place(), env }));
  });

  describe("in a program", () => {
    it("in Python, and with a presigned URL", () => follow([section("Python"), section("A presigned URL")], place()));
    it("in JavaScript", () => follow([section("JavaScript")], place()));
    it.skipIf(!has("1.21", "go", "version"))("in Go, 1.21 or newer", () => follow([section("Go")], place()));
    it.skipIf(!has("17", "javac", "-version") || !has("3.0", "mvn", "--version"))(
      "in Java, 17 or newer, with Maven",
      () => follow([section("Java")], place()),
    );
    it.skipIf(!has("1.91", "cargo", "--version"))("in Rust, 1.91 or newer", () =>
      follow([section("Rust")], {
        ...place(),
        lockfile: join(import.meta.dirname, "Cargo.lock"),
        env: { CARGO_TARGET_DIR },
      }),
    );
  });
});

function place() {
  return { url: server.url };
}
