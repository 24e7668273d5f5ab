import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** A tool that failed; its message is what the tool printed. */
export class ToolError extends Error {}

/** Runs a tool in the root folder to its end, in silence unless it fails. */
export function runTool(command: string, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) {
    const printed = [stdout, stderr].map((text) => text?.trim()).filter(Boolean);
    throw new ToolError(
      [`${[command, ...args].join(" ")} failed.`, error?.message, ...printed].filter(Boolean).join("\n"),
    );
  }
}
