import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { unlessFresh } from "../../scripts/fresh.ts";

/** Builds the package rollcall-client once for all tests of a suite: two that build it at a time take it from each other. */
export default function buildClient(): void {
  unlessFresh("client", ["dist/client"], () => {
    execFileSync(process.execPath, [join(import.meta.dirname, "../../scripts/build-client.ts")], { stdio: "pipe" });
  });
}
