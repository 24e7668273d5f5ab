import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, it } from "vitest";
import { PYTHON_PROGRAMS, preparePython } from "../../scripts/python.ts";
import { missingOf, type Tool } from "../../scripts/toolchains.ts";
import { follow, type Section, sectionOf } from "../support/follow.ts";
import { serve } from "../support/server.ts";

const server = serve();
const section = (heading: string): Section => sectionOf("docs/aws-sdks.md", heading);
const place = () => ({ url: server.url });

/** Compiled dependencies are kept from run to run. */
const CARGO_TARGET_DIR = join(import.meta.dirname, "../../node_modules/.cache/sdks/rust");

/** A program that needs other tools, and is skipped by name where they are missing. */
function program(language: string, tools: readonly Tool[], followed: () => Promise<void>): void {
  const missing = missingOf(tools);
  it.skipIf(missing !== undefined)(`in ${language}${missing ? `, which needs ${missing}` : ""}`, followed);
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
    program("Go", ["go"], () => follow([section("Go")], place()));
    program("Java", ["javac", "mvn"], () => follow([section("Java")], place()));
    program("Rust", ["cargo"], () => {
      // So that the same versions are built every time.
      const lock = {
        files: [["Cargo.lock", readFileSync(join(import.meta.dirname, "Cargo.lock"), "utf8")]],
        commands: [],
      } as const;
      // Nothing is debugged here, and without it a build takes less.
      const env = { CARGO_TARGET_DIR, CARGO_PROFILE_DEV_DEBUG: "none" };
      return follow([section("Rust"), lock], { ...place(), env });
    });
  });
});
