import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WORDS } from "../../src/client/push-services/words.ts";
import { FailureEffectSchema } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/push-errors.md"), "utf8");

/** The rows of the table under a heading, each by its cells. */
function rowsUnder(heading: string): string[][] {
  const [, section = ""] = new RegExp(`^## ${heading}\n(.*?)^## `, "ms").exec(page) ?? [];
  const lines = Array.from(section.matchAll(/^\| (.*) \|$/gm), ([, row = ""]) => row.split(" | "));
  return lines.slice(1);
}

function code(cell = ""): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, word = ""]) => word);
}

describe("the page about errors of pushes", () => {
  it("has each word of the push services with its verdict, and no other", () => {
    const told = rowsUnder("Words").flatMap(([verdict, words]) => code(words).map((word) => `${word}: ${verdict}`));
    const known = Object.entries(WORDS).flatMap(([verdict, words]) => words.map((word) => `${word}: ${verdict}`));
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  it("has each effect", () => {
    const told = rowsUnder("Effects").flatMap(([effect]) => code(effect));
    const known = FailureEffectSchema.values.map(({ localName }) => localName);
    expect(told.toSorted()).toEqual(known.filter((name) => name !== "UNSPECIFIED").toSorted());
  });
});
