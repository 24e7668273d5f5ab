import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const DEPLOY = join(import.meta.dirname, "../../deploy");

const read = (name: string) => readFileSync(join(DEPLOY, name), "utf8");

/** What Caddy reads in it: neither comments nor white space. */
function wordsOf(caddyfile: string): string[] {
  return caddyfile
    .replaceAll(/^\s*#.*$/gm, "")
    .trim()
    .split(/\s+/);
}

it("compose has Caddy do for the server what the configuration to paste does", () => {
  const [, inCompose = ""] = /^ {4}content: \|\n((?: {6}.*\n|\n)+)/m.exec(read("compose.yaml")) ?? [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is compose that puts the name there.
  const named = inCompose.replace("${ROLLCALL_HOST}", "push.example.com").replace("rollcall:8787", "127.0.0.1:8787");
  const [forServer = ""] = read("Caddyfile").split("grpc.example.com");
  expect(wordsOf(named).length).toBeGreaterThan(20);
  expect(wordsOf(named)).toEqual(wordsOf(forServer));
});
