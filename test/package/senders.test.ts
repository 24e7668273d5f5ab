import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { bash } from "../support/proto-user.ts";
import { serve } from "../support/server.ts";
import { complaints, NODE } from "../support/type-check.ts";

const PAGE = "docs/senders.md";
const ROOT = join(import.meta.dirname, "../..");

const { folder } = inject("installedClient");
const server = serve();

it("docs/senders.md has a program in TypeScript that answers as printed", async () => {
  await bash(ROOT, at(server.url, exampleOf("README.md", "sh", "curl").code));
  const program = exampleOf(PAGE, "ts", "resolveEndpoints").code;
  writeFileSync(join(folder, "send.ts"), at(server.url, program));
  expect(complaints(folder, "send.ts", NODE)).toBe("");
  const { code, answer } = exampleOf(PAGE, "sh", "node send.ts");
  expect(withoutIds(await bash(folder, code))).toBe(withoutIds(answer));
});
