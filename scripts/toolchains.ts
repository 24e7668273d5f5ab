import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** Tools of other languages: how each is asked for its version, and the oldest that builds what is tested here. */
const TOOLCHAINS = {
  /** It fetches a newer one by itself where a module asks for it. */
  go: { ask: ["go", "version"], minimum: "1.21" },
  javac: { ask: ["javac", "-version"], minimum: "17" },
  mvn: { ask: ["mvn", "--version"], minimum: "3.6" },
  /** What the AWS SDK for Rust asks for. */
  cargo: { ask: ["cargo", "--version"], minimum: "1.91" },
} as const;

export type Tool = keyof typeof TOOLCHAINS;

/** The first of these tools that is not installed or too old, in words; undefined if all are there. */
export function missingOf(tools: readonly Tool[]): string | undefined {
  const missing = tools.find((tool) => !isThere(tool));
  return missing && `${missing} ${TOOLCHAINS[missing].minimum} or newer`;
}

function isThere(tool: Tool): boolean {
  const { ask, minimum } = TOOLCHAINS[tool];
  const [program, ...args] = ask;
  const { stdout } = spawnSync(program, args, { encoding: "utf8" });
  // Maven prints in colour.
  const version = /\d+(\.\d+)*/.exec(stripVTControlCharacters(stdout ?? ""))?.[0];
  return version !== undefined && version.localeCompare(minimum, "en", { numeric: true }) >= 0;
}
