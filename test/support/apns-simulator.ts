import { delimiter, join } from "node:path";
import { runTool } from "../../scripts/run-tool.ts";
import { missingOf } from "../../scripts/toolchains.ts";

const PROJECT = join(import.meta.dirname, "../story/simulator/pom.xml");
const BUILT = join(import.meta.dirname, "../../node_modules/.cache/story/simulator");

/** What starts the simulator of APNs, once it is built. */
export const APNS_SIMULATOR = [
  ...["java", "-cp", [join(BUILT, "classes"), join(BUILT, "lib/*")].join(delimiter)],
  "ApnsSimulator",
];

/** What the simulator needs and this machine lacks, in words; undefined if it can be built. */
export function missingForSimulator(): string | undefined {
  return missingOf(["javac", "mvn"]);
}

/** Builds the simulator once for all tests of a suite: two that build it at a time write the same files, be they built or downloaded. */
export default function build(): void {
  if (missingForSimulator() === undefined) {
    runTool("mvn", ["--quiet", "--batch-mode", "--file", PROJECT, `-DbuildFolder=${BUILT}`, "package"]);
  }
}
