/**
 * `npm run test:interop:all`: AWS's SDKs for Go, Java and Rust, unmodified, each living a phone's life against the built
 * Worker, and each calling with credentials that it fetches by itself with a user's token. Prints what every step came to,
 * and fails where that is not what expected.txt and expected-session.txt of test/interop-all say.
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
import { containerCredentials, keepToken } from "../support/token-file.ts";

const SUITE = join(import.meta.dirname, ".");
const BUILT = join(import.meta.dirname, "../../node_modules/.cache/interop-all");

interface Client {
  readonly name: string;
  /** Where in the suite its program is. */
  readonly folder: string;
  readonly tools: readonly Tool[];
  /** How the programs are built, and how each is run then. */
  readonly build: readonly string[];
  readonly phone: readonly string[];
  readonly session: readonly string[];
}

const JAVA = ["java", "-cp", `${join(BUILT, "java/classes")}${delimiter}${join(BUILT, "java/lib")}/*`];

const CLIENTS: readonly Client[] = [
  {
    name: "AWS SDK for Go 2",
    folder: "go",
    tools: ["go"],
    build: ["go", "build", "-o", `${join(BUILT, "go")}/`, ".", "./session"],
    phone: [join(BUILT, "go/phonestory")],
    session: [join(BUILT, "go/session")],
  },
  {
    name: "AWS SDK for Java 2",
    folder: "java",
    tools: ["javac", "mvn"],
    build: ["mvn", "--quiet", "--batch-mode", `-DbuildFolder=${join(BUILT, "java")}`, "package"],
    phone: [...JAVA, "PhoneStory"],
    session: [...JAVA, "SessionStory"],
  },
  {
    name: "AWS SDK for Rust",
    folder: "rust",
    tools: ["cargo"],
    build: ["cargo", "build", "--quiet", "--locked", "--target-dir", join(BUILT, "rust")],
    phone: [join(BUILT, "rust/debug/phone-story")],
    session: [join(BUILT, "rust/debug/session")],
  },
];

/** The steps and outcomes of a story, why it failed, or what it lacks. */
type Story = ReadonlyMap<string, string> | Error | { readonly missing: string };

const chosen = process.argv.slice(2);
const clients = CLIENTS.filter(({ folder }) => chosen.length === 0 || chosen.includes(folder));
mkdirSync(BUILT, { recursive: true });
build();
const [open, closed] = [harnessWith(), harnessWith({})];
const user = crypto.randomUUID();
const token = await keepToken(user);
try {
  const url = (await open.listen()).url.origin;
  const server = { ROLLCALL_URL: url, AWS_REGION: "us-east-1" };
  const phone = {
    ...server,
    ROLLCALL_CLOSED_URL: (await closed.listen()).url.origin,
    AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
    ALICE_ACCESS_KEY_ID,
    ALICE_SECRET_ACCESS_KEY,
  };
  const session = { ...server, ...containerCredentials(url, token.path) };
  const phones = new Map<string, Story>();
  for (const client of clients) {
    const failure = await failureToBuild(client);
    phones.set(client.name, failure ?? (await storyOf([...client.phone, crypto.randomUUID()], phone)));
  }
  // All at once, because each waits until its credentials have expired. What could not be built fails here too.
  const sessions = clients.map(async (client): Promise<[string, Story]> => {
    const story = phones.get(client.name);
    return [client.name, story && "missing" in story ? story : await storyOf([...client.session, user], session)];
  });
  const verdicts = [
    ...report(phones, "expected.txt"),
    ...report(new Map(await Promise.all(sessions)), "expected-session.txt"),
  ];
  process.exitCode = count(verdicts) ? 0 : 1;
} finally {
  token.stop();
  await Promise.all([open.close(), closed.close()]);
}

/** Builds the programs of a client. Answers why it could not. */
async function failureToBuild({ folder, tools, build }: Client): Promise<Story | undefined> {
  const missing = missingOf(tools);
  if (missing !== undefined) {
    return { missing };
  }
  try {
    await output(build, { cwd: join(SUITE, folder) });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function storyOf(command: readonly string[], env: Record<string, string>): Promise<Story> {
  try {
    return stepsOf(await output(command, { env: { ...withoutAws(process.env), ...env } }));
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

/** Prints a table of steps and clients, and answers what each came to. */
function report(stories: ReadonlyMap<string, Story>, file: string): readonly string[] {
  const expected = stepsOf(readFileSync(join(SUITE, file), "utf8"));
  const rows = Array.from(expected, ([step, outcome]) => [
    step,
    ...Array.from(stories.values(), (story) => verdict(story, step, outcome)),
  ]);
  for (const row of [["step", ...stories.keys()], ["---", ...Array(stories.size).fill("---")], ...rows]) {
    console.log(`| ${row.join(" | ")} |`);
  }
  console.log();
  return rows.flatMap(([, ...outcomes]) => outcomes);
}

/** Prints how many steps came to what is expected, and answers whether all did. */
function count(verdicts: readonly string[]): boolean {
  const failed = verdicts.filter((cell) => cell.startsWith("FAILED")).length;
  const skipped = verdicts.filter((cell) => cell.startsWith("SKIPPED")).length;
  const counts = [`${failed} failed`, `${verdicts.length - failed - skipped} passed`, `${skipped} skipped`];
  console.log(`Tests  ${counts.filter((text) => !text.startsWith("0 ")).join(" | ")} (${verdicts.length})`);
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
