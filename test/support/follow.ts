import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { expect } from "vitest";
import { withoutAws } from "../../scripts/without-aws.ts";
import { withoutIds } from "./examples.ts";

const ROOT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Ends what one command prints: no program prints it. */
const END = "\0";

/** A section of a page, as a reader uses it. */
export interface Section {
  /** To be saved, by their paths. */
  readonly files: readonly (readonly [path: string, text: string])[];
  readonly commands: readonly Command[];
}

interface Command {
  readonly code: string;
  /** What it prints, where the page shows that. */
  answer?: string;
}

/**
 * Reads the section under a heading. A block after "… `PATH`:" is a file. A block of `sh` is a command, and a block of
 * JSON or of no language is what the command before it prints.
 */
export function sectionOf(page: string, heading: string): Section {
  const text = readFileSync(join(ROOT, page), "utf8");
  const section = text.split(/^## /m).find((section) => section.startsWith(`${heading}\n`));
  const files: [path: string, text: string][] = [];
  const commands: Command[] = [];
  for (const [, path, language, code = ""] of (section ?? "").matchAll(
    /(?:`([^`\n]+)`:\n\n)?^```(\w*)\n(.*?)^```$/gms,
  )) {
    const last = commands.at(-1);
    if (path !== undefined && language !== "sh") {
      files.push([path, code]);
    } else if (language === "sh") {
      commands.push({ code });
    } else if (last !== undefined) {
      last.answer = code;
    }
  }
  expect(
    commands.filter(({ answer }) => answer),
    `${page} shows what is printed under ${heading}`,
  ).not.toEqual([]);
  return { files, commands };
}

export interface Place {
  /** The server that is called in the place of the one that the page names. */
  readonly url: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Saves the files of sections in a new folder, which stands for `~` too, and runs their commands, one after the other in one shell. */
export async function follow(sections: readonly Section[], { url, env = {} }: Place): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-sdk-"));
  try {
    const files = sections.flatMap(({ files }) => files);
    const commands = sections.flatMap(({ commands }) => commands);
    const atServer = (text: string) => text.replaceAll("http://localhost:8787", url);
    for (const [path, text] of files) {
      const file = join(folder, path.replace(/^~\//, ""));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, atServer(text));
    }
    const home = files.some(([path]) => path.startsWith("~/")) ? { HOME: folder } : {};
    const script = ["set -e", ...commands.map(({ code }) => `${atServer(code)}printf '\\0'`)].join("\n");
    const { stdout } = await run("bash", ["-c", script], {
      cwd: folder,
      env: { ...withoutAws(process.env), ...home, ...env },
    });
    const printed = stdout.split(END);
    for (const [index, { code, answer }] of commands.entries()) {
      if (answer !== undefined) {
        expect(readable(printed[index] ?? ""), code).toEqual(readable(answer));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was printed, less colours and what differs from run to run: ids, and how JSON is laid out. */
function readable(text: string): unknown {
  const printed = withoutIds(stripVTControlCharacters(text)).trim();
  return printed.startsWith("{") ? JSON.parse(printed) : printed;
}
