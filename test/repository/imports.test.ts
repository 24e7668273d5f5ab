import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Which rooms of src each room may import from. What stands in none of these rows may import nothing of ours. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  index: ["transport", "app-instance-user", "auth", "config", "misspelt-variables"],
  "app-instance-user": ["core", "storage", "model", "config"],
  transport: ["auth", "model", "gen", "config"],
  auth: ["model"],
  core: ["model", "gen"],
  storage: ["model"],
  config: ["model"],
  "misspelt-variables": ["config"],
  model: ["gen"],
  // Runs at build, and is no part of the Worker.
  openapi: ["transport", "auth", "model", "gen"],
  // Runs in Node, before a server, and is no part of the Worker.
  gateway: ["transport", "arguments", "model", "gen"],
  arguments: ["model"],
  // Runs in browsers, and is no part of the Worker.
  pages: ["transport", "model", "gen"],
  // Runs wherever its users do, with messages generated for it alone.
  client: [],
};

/** "src/core/register.ts" is in room "core", "src/index.ts" in room "index". */
function roomOf(path: string): string {
  return (path.split("/")[1] ?? "").replace(/\.ts$/, "");
}

function importsOf(path: string): string[] {
  const code = readFileSync(join(root, path), "utf8");
  return Array.from(
    code.matchAll(/\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g),
    ([, from, bare]) => from ?? bare ?? "",
  );
}

describe("the folders of src", () => {
  const files = globSync("src/**/*.ts", { cwd: root }).filter((path) => !path.includes("/gen/"));

  it.each(files)("%s imports downwards only", (path) => {
    const room = roomOf(path);
    const rooms = importsOf(path)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => normalize(join(dirname(path), specifier)))
      .filter((imported) => imported.startsWith("src/"))
      .map(roomOf);
    expect(MAY_IMPORT).toHaveProperty(room);
    expect(rooms.filter((imported) => imported !== room && !MAY_IMPORT[room]?.includes(imported))).toEqual([]);
  });

  it("keep rules and nouns free of clocks, chance and the platform", () => {
    const pure = files.filter((path) => ["core", "model"].includes(roomOf(path)));
    const impure = /\bDate\.now\b|\bnew Date\(\)|Math\.random|\bcrypto\.|cloudflare:|\bfetch\(|\bsetTimeout\b/;
    expect(pure.filter((path) => impure.test(readFileSync(join(root, path), "utf8")))).toEqual([]);
  });
});
