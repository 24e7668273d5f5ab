/**
 * `npm run test:interop:all`: AWS's SDKs for Go, Java and Rust, unmodified, each living a phone's life against the built
 * Worker. Prints what every step came to, and fails where that is not what test/interop-all/expected.txt says.
 *
 * They need toolchains that the project does not bring, and minutes to build, so that CI leaves them out. A toolchain
 * that is missing fails its client by name; the others still run.
 */
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { ALICE_ACCESS_KEY_ID, ALICE_SECRET_ACCESS_KEY } from "../src/auth/local-principals.ts";
import build from "../test/support/build.ts";
import { harnessWith } from "../test/support/server.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "./local.ts";
import { withoutAws } from "./without-aws.ts";

const SUITE = join(import.meta.dirname, "../test/interop-all");
const BUILT = join(import.meta.dirname, "../node_modules/.cache/interop-all");

interface Client {
  readonly name: string;
  /** Where in the suite its program is. */
  readonly folder: string;
  /** How the program is built, and how it is run then; the first word of each is the tool that it takes. */
  readonly build: readonly string[];
  readonly run: readonly string[];
}

const CLIENTS: readonly Client[] = [
  {
    name: "AWS SDK for Go 2",
    folder: "go",
    build: ["go", "build", "-o", join(BUILT, "go/phone-story"), "."],
    run: [join(BUILT, "go/phone-story")],
  },
  {
    name: "AWS SDK for Java 2",
    folder: "java",
    build: ["mvn", "--quiet", "--batch-mode", `-DbuildFolder=${join(BUILT, "java")}`, "package"],
    run: ["java", "-cp", `${join(BUILT, "java/classes")}${delimiter}${join(BUILT, "java/lib")}/*`, "PhoneStory"],
  },
  {
    name: "AWS SDK for Rust",
    folder: "rust",
    build: ["cargo", "build", "--quiet", "--locked", "--target-dir", join(BUILT, "rust")],
    run: [join(BUILT, "rust/debug/phone-story")],
  },
];

/** The steps and outcomes of a story, or why there is none. */
type Story = ReadonlyMap<string, string> | Error;

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
  for (const client of CLIENTS) {
    stories.set(client.name, await storyOf(client, env));
  }
  process.exitCode = report(stories) ? 0 : 1;
} finally {
  await Promise.all([open.close(), closed.close()]);
}

async function storyOf({ folder, build, run }: Client, env: Record<string, string>): Promise<Story> {
  const cwd = join(SUITE, folder);
  try {
    await output(build, { cwd });
    return stepsOf(await output([...run, crypto.randomUUID()], { cwd, env: { ...withoutAws(process.env), ...env } }));
  } catch (error) {
    return error as Error;
  }
}

/** What a command prints. Throws if it can't be started, or fails. */
async function output([tool = "", ...args]: readonly string[], options: SpawnOptions): Promise<string> {
  const child = spawn(tool, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit").catch(() => {
    throw new Error(`${tool} is needed, and was not found`);
  });
  const [printed, [code]] = await Promise.all([text(child.stdout), exited]);
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
  const failures = rows.flat().filter((cell) => cell.startsWith("FAILED"));
  console.log(`\n${rows.length * stories.size - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0;
}

/** What a step came to. No operation models NotFoundException, so that some SDKs have no type for it: its name is what counts. */
function verdict(story: Story, step: string, expected: string): string {
  const told = story instanceof Error ? story.message : (story.get(step) ?? "nothing told");
  return told.replace(" (untyped)", "") === expected ? told : `FAILED: ${told}`;
}
