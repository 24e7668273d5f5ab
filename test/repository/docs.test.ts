import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const pages = globSync(["*.md", "docs/*.md", "bench/README.md", "examples/*/README.md", "src/client/README.md"], {
  cwd: root,
});

/** A file of the repository, as pages name it; one that a reader is to save has its text after a colon. */
const FILE = /`((?:src|scripts|test|torture|bench|proto|docs|examples)\/[\w./-]+\.\w+)`(?!:\n)/g;

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

function isDead(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(read(target)).includes(anchor));
}

describe("the pages of the documentation", () => {
  it.each(pages)("%s links to what exists", (page) => {
    const links = Array.from(read(page).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
    const inside = links.filter((link) => !/^https?:/.test(link));
    expect(inside.filter((link) => isDead(page, link))).toEqual([]);
  });

  it.each(pages)("%s names files that exist", (page) => {
    const named = Array.from(read(page).matchAll(FILE), ([, path = ""]) => path);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("are all found from the README", () => {
    const linked = pages.flatMap((page) =>
      Array.from(read(page).matchAll(/\]\(([\w/.-]+\.md)/g), ([, link = ""]) => join(dirname(page), link)),
    );
    expect(pages.filter((page) => page.startsWith("docs/") && !linked.includes(page))).toEqual([]);
  });
});
