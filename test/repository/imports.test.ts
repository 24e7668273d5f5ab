import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Which rooms each room may import from. What stands in none of these rows may import nothing of ours. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  // The Worker.
  "worker/index": [
    ...[
      "worker/transport",
      "worker/app-instance-user",
      "worker/unknown-user",
      "worker/directory",
      "worker/auth",
      "worker/config",
      "worker/model",
      "worker/objects",
      "worker/misspelt-variables",
    ],
  ],
  "worker/app-instance-user": ["worker/core", "worker/objects", "worker/storage", "worker/model", "worker/config"],
  "worker/directory": [
    ...["worker/core", "worker/objects", "worker/storage", "worker/seal", "worker/model", "worker/config"],
  ],
  "worker/transport": ["worker/auth", "worker/directory", "worker/objects", "worker/model", "worker/config", "gen"],
  // How objects, and devices in them, are named and found.
  "worker/objects": ["worker/core", "worker/model"],
  "worker/unknown-user": ["worker/core", "worker/model"],
  "worker/auth": ["worker/seal", "worker/model"],
  "worker/seal": [],
  // What the push services' words mean is the client's to say, and believed on both sides.
  "worker/core": ["worker/model", "gen", "client/push-services"],
  "worker/storage": ["worker/model"],
  "worker/config": ["worker/model"],
  "worker/misspelt-variables": ["worker/config"],
  "worker/model": ["gen"],
  // Programs beside it: none of them is part of it.
  serve: ["worker", "command"],
  gateway: ["worker/transport", "worker/model", "command", "gen"],
  openapi: ["worker/transport", "worker/auth", "worker/model", "gen"],
  // It calls as any user of the client does, and checks by the server's own rules before it does.
  transfer: ["client", "command", "worker/transport", "worker/core", "worker/model", "gen"],
  pages: ["worker/transport", "worker/model", "gen", "client/push-services"],
  command: ["worker/model", "worker/auth"],
  // Runs wherever its users do, with messages generated for it alone.
  client: [],
  gen: [],
  // What is around the programs, each above the next.
  test: ["test/support", "bench", "torture", "scripts", "src"],
  torture: ["test/support", "scripts", "src"],
  bench: ["test/support", "scripts", "src"],
  "test/support": ["scripts", "src"],
  scripts: ["src"],
};

/** "src/worker/core/register.ts" is in room "worker/core", "src/gateway/server.ts" in "gateway". */
function roomOf(path: string): string {
  const [top = "", ...inner] = path.replace(/\.ts$/, "").split("/");
  if (top !== "src") {
    return top === "test" && ["support", "fixtures"].includes(inner[0] ?? "") ? "test/support" : top;
  }
  return inner.slice(0, inner[0] === "worker" ? 2 : 1).join("/");
}

/** Whether a room may import a file. A room that may import another may import what is in that. */
function mayImport(room: string, file: string): boolean {
  const imported = roomOf(file);
  const allowed = MAY_IMPORT[room] ?? [];
  return (
    room === imported ||
    allowed.some((other) => `${imported}/`.startsWith(`${other}/`) || `${file}/`.startsWith(`src/${other}/`)) ||
    (allowed.includes("src") && file.startsWith("src/"))
  );
}

function importsOf(path: string): string[] {
  const code = readFileSync(join(root, path), "utf8");
  return Array.from(
    code.matchAll(/\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g),
    ([, from, bare]) => from ?? bare ?? "",
  );
}

describe("the folders", () => {
  const files = globSync("{src,scripts,bench,torture,test}/**/*.ts", { cwd: root }).filter(
    (path) => !path.includes("/gen/") && !path.endsWith(".d.ts"),
  );

  it.each(files)("%s imports downwards only", (path) => {
    const room = roomOf(path);
    const imported = importsOf(path)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => normalize(join(dirname(path), specifier)))
      .filter(
        (file) => /^(src|scripts|bench|torture|test)\//.test(file) && !/^src\/(client|gateway)\/gen\//.test(file),
      );
    expect(MAY_IMPORT).toHaveProperty([room]);
    expect(imported.filter((file) => !mayImport(room, file))).toEqual([]);
  });

  it("keep rules and nouns free of clocks, chance and the platform", () => {
    const pure = files.filter((path) => ["worker/core", "worker/model"].includes(roomOf(path)));
    const impure = /\bDate\.now\b|\bnew Date\(\)|Math\.random|\bcrypto\.|cloudflare:|\bfetch\(|\bsetTimeout\b/;
    expect(pure.filter((path) => impure.test(readFileSync(join(root, path), "utf8")))).toEqual([]);
  });
});
