import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ATTACKS } from "../../torture/attacks.ts";

it("the page on promises has a row for each attack, and for no other", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/promises.md"), "utf8");
  const [, table = ""] = /^\| attack \|.*\n((?:\|.*\n)+)/m.exec(page) ?? [];
  const told = Array.from(table.matchAll(/^\| `([\w-]+)` \|/gm), ([, name]) => name);
  expect(told.toSorted()).toEqual(ATTACKS.map(({ name }) => name).toSorted());
});
