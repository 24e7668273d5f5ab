import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Entry {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly libc?: readonly string[];
}

const lock = JSON.parse(readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8"));
const { "": _, ...packages } = lock.packages as Record<string, Entry>;
const namesOf = (isNamed: (entry: Entry, path: string) => boolean) =>
  Object.entries(packages)
    .filter(([path, entry]) => isNamed(entry, path))
    .map(([path]) => path);

describe("the lockfile", () => {
  it("has a hash for every package", () => {
    expect(Object.keys(packages).length).toBeGreaterThan(100);
    expect(namesOf(({ integrity = "" }) => !integrity.startsWith("sha512-"))).toEqual([]);
  });

  it("names no registry, so that each clone asks its own", () => {
    expect(namesOf(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  // npm 10 leaves it out, and both packages would be installed.
  it("says for which C library a package is", () => {
    expect(namesOf(({ libc }, path) => /linux.*musl/.test(path) && libc?.join() !== "musl")).toEqual([]);
  });
});
