/**
 * `npm run test:interop:all`: AWS's SDKs for Go, Java and Rust, unmodified, each living a phone's life against the built
 * Worker. Prints what every step came to, and fails where that is not what test/interop-all/expected.txt says.
 *
 * They need toolchains that are not npm packages. A client whose toolchain is missing is skipped, by name; the others run.
 * What stands after `--` are the clients to run, such as `go java`; all of them if there is nothing.
 */
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { missingOf, type Tool } from "../../scripts/toolchains.ts";
import { withoutAws } from "../../scripts/without-aws.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/command/local.ts";
import { ALICE_ACCESS_KEY_ID, ALICE_SECRET_ACCESS_KEY } from "../../src/worker/auth/local-principals.ts";
import build from "../support/build.ts";
import { harnessWith } from "../support/server.ts";

const SUITE = join(import.meta.dirname, ".");
const BUILT = join(import.meta.dirname, "../../node_modules/.cache/interop-all");

interface Client {
  readonly name: string;
  /** Where in the suite its program is. */
  readonly folder: string;
  readonly tools: readonly Tool[];
  /** How the program is built, and how it is run then. */
  readonly build: readonly string[];
  readonly run: readonly string[];
}

const CLIENTS: readonly Client[] = [
  {
    name: "AWS SDK for Go 2",
    folder: "go",
    tools: ["go"],
    build: ["go", "build", "-o", join(BUILT, "go/phone-story"), "."],
    run: [join(BUILT, "go/phone-story")],
  },
  {
    name: "AWS SDK for Java 2",
    folder: "java",
    tools: ["javac", "mvn"],
    build: ["mvn", "--quiet", "--batch-mode", `-DbuildFolder=${join(BUILT, "java")}`, "package"],
    run: ["java", "-cp", `${join(BUILT, "java/classes")}${delimiter}${join(BUILT, "java/lib")}/*`, "PhoneStory"],
  },
  {
    name: "AWS SDK for Rust",
    folder: "rust",
    tools: ["cargo"],
    build: ["cargo", "build", "--quiet", "--locked", "--target-dir", join(BUILT, "rust")],
    run: [join(BUILT, "rust/debug/phone-story")],
  },
];

/** The steps and outcomes of a story, why it failed, or what it lacks. */
type Story = ReadonlyMap<string, string> | Error | { readonly missing: string };

const chosen = process.argv.slice(2);
mkdirSync(BUILT, { recursive: true });
build();
const [open, closed] = [harnessWith(), harnessWith({})];
try {
  const env = {
    ROLLCALL_URL: (await open.listen()).url.origin,
    ROLLCALL_CLOSED_URL: (await closed.listen()).url.origin,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
    ALICE_ACCESS_KEY_ID,
    ALICE_SECRET_ACCESS_KEY,
  };
  const stories = new Map<string, Story>();
  for (const client of CLIENTS.filter(({ folder }) => chosen.length === 0 || chosen.includes(folder))) {
    stories.set(client.name, await storyOf(client, env));
  }
  process.exitCode = report(stories) ? 0 : 1;
} finally {
  await Promise.all([open.close(), closed.close()]);
}

async function storyOf({ folder, tools, build, run }: Client, env: Record<string, string>): Promise<Story> {
  const cwd = join(SUITE, folder);
  const missing = missingOf(tools);
  if (missing !== undefined) {
    return { missing };
  }
  try {
    await output(build, { cwd });
    return stepsOf(await output([...run, crypto.randomUUID()], { cwd, env: { ...withoutAws(process.env), ...env } }));
  } catch (error) {
    return error as Error;
  }
}

/** What a command prints. Throws if it fails. */
async function output([tool = "", ...args]: readonly string[], options: SpawnOptions): Promise<string> {
  const child = spawn(tool, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) {
    console.error(printed);
    throw new Error(`${tool} failed with exit code ${code}`);
  }
  return printed;
}

/** Reads lines of "step: outcome". */
function stepsOf(lines: string): ReadonlyMap<string, string> {
  const steps = new Map<string, string>();
  for (const line of lines.trim().split("\n")) {
    const [, step = line, outcome = ""] = /^(.+?): (.*)$/.exec(line) ?? [];
    steps.set(step, outcome);
  }
  return steps;
}

/** Prints a table of steps and clients, and answers whether all came to what is expected. */
function report(stories: ReadonlyMap<string, Story>): boolean {
  const expected = stepsOf(readFileSync(join(SUITE, "expected.txt"), "utf8"));
  const rows = Array.from(expected, ([step, outcome]) => [
    step,
    ...Array.from(stories.values(), (story) => verdict(story, step, outcome)),
  ]);
  for (const row of [["step", ...stories.keys()], ["---", ...Array(stories.size).fill("---")], ...rows]) {
    console.log(`| ${row.join(" | ")} |`);
  }
  const cells = rows.flatMap(([, ...outcomes]) => outcomes);
  const failed = cells.filter((cell) => cell.startsWith("FAILED")).length;
  const skipped = cells.filter((cell) => cell.startsWith("SKIPPED")).length;
  const counts = [`${failed} failed`, `${cells.length - failed - skipped} passed`, `${skipped} skipped`];
  console.log(`\nTests  ${counts.filter((count) => !count.startsWith("0 ")).join(" | ")} (${cells.length})`);
  return failed === 0;
}

/** What a step came to. No operation models NotFoundException, so that some SDKs have no type for it: its name is what counts. */
function verdict(story: Story, step: string, expected: string): string {
  if ("missing" in story) {
    return `SKIPPED: it needs ${story.missing}`;
  }
  const told = story instanceof Error ? story.message : (story.get(step) ?? "nothing told");
  return told.replace(" (untyped)", "") === expected ? told : `FAILED: ${told}`;
}
