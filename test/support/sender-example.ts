import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import buildClient from "./build-client.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The service that senders copy. */
export const SENDER_EXAMPLE = join(ROOT, "examples/sender");

const INSTALLED = join(SENDER_EXAMPLE, "node_modules");

/** Installs it as its README says, once for all tests of a suite, and anew only when its lockfile has changed. */
export default function install(): void {
  buildClient();
  const wanted = readFileSync(join(SENDER_EXAMPLE, "package-lock.json"), "utf8");
  const stamp = join(INSTALLED, ".installed");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    const command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", command, { cwd: SENDER_EXAMPLE, stdio: ["ignore", "ignore", "inherit"] });
    writeFileSync(stamp, wanted);
  }
  // It is copied when it is installed, and may have changed since.
  cpSync(join(ROOT, "dist/client"), join(INSTALLED, "rollcall-client"), { recursive: true });
}
