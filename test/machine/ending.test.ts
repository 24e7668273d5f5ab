import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startWorkerd } from "../../src/serve/workerd/start.ts";

const ROOT = join(import.meta.dirname, "../..");
const data = mkdtempSync(join(tmpdir(), "rollcall-ending-"));
const started = new Set<ChildProcess>();
afterEach(() => {
  for (const { pid = Number.NaN } of started) {
    if (membersOf(pid).length > 0) {
      process.kill(-pid, "SIGKILL");
    }
  }
  started.clear();
  rmSync(data, { recursive: true, force: true });
});

/** What a shell would start, with all of its children in a process group of their own. Answers once it serves. */
async function served(args: readonly string[], words: string): Promise<number> {
  const child = spawn("npm", args, { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  started.add(child);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  await expect.poll(() => said, { timeout: 50_000 }).toContain(words);
  return child.pid ?? expect.fail();
}

/** The commands of a process group that still run; one that has ended may wait for somebody to ask how. */
function membersOf(group: number): string[] {
  const processes = execFileSync("ps", ["-A", "-o", "pgid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return processes.filter((line) => new RegExp(`^ *${group} +[^Z]`).test(line));
}

const WITH_PARENT = join(ROOT, "src/command/ending/with-parent.ts");

/** Elsewhere a program can't tell what adopted it from an npm that is process 1. */
function isAdoptedByInit(): boolean {
  return process.platform === "linux" && !/npm|yarn|bun|node/.test(readFileSync("/proc/1/cmdline", "utf8"));
}

const START = ["start", "--", "--port", "0"];
const SERVE = ["run", "serve", "--", "--port", "0", "--local", "--data", data];
const GATEWAY = ["run", "gateway", "--", "--listen", "127.0.0.1:0", "--upstream", "http://127.0.0.1:1"];

describe("nothing is left of", () => {
  it.each<[string, NodeJS.Signals, string, string[], string]>([
    ["npm start", "SIGTERM", "npm", START, "Rollcall serves"],
    ["npm start", "SIGINT", "npm", START, "Rollcall serves"],
    ["npm start", "SIGKILL", "npm", START, "Rollcall serves"],
    ["npm start", "SIGINT", "all, by Ctrl-C", START, "Rollcall serves"],
    ["npm run serve", "SIGHUP", "npm", SERVE, "Rollcall serves"],
    ["npm run serve", "SIGKILL", "npm", SERVE, "Rollcall serves"],
    ["npm run gateway", "SIGTERM", "npm", GATEWAY, "The gateway serves"],
    ["npm run gateway", "SIGKILL", "npm", GATEWAY, "The gateway serves"],
  ])("%s after a %s to %s", async (_, signal, whom, args, words) => {
    const npm = await served(args, words);
    expect(membersOf(npm).length).toBeGreaterThan(1);
    process.kill(whom === "npm" ? npm : -npm, signal);
    await expect.poll(() => membersOf(npm), { timeout: 10_000 }).toEqual([]);
  });

  it.skipIf(!isAdoptedByInit())("a program whose npm had gone before the program looked", async () => {
    const program = `import ${JSON.stringify(WITH_PARENT)}; setInterval(() => {}, 1_000);`;
    const script = `(sleep 0.5; exec "$0" --input-type=module --eval '${program}') &`;
    const env = { ...process.env, npm_lifecycle_event: "serve" };
    const shell = spawn("sh", ["-c", script, process.execPath], { detached: true, stdio: "ignore", env });
    started.add(shell);
    await once(shell, "exit");
    const left = () => membersOf(shell.pid ?? Number.NaN).filter((line) => line.includes("setInterval"));
    await expect.poll(() => left().some((line) => line.includes("--eval"))).toBe(true);
    await expect.poll(left, { timeout: 10_000 }).toEqual([]);
  });

  it("a workerd that listens and does not answer", async () => {
    // In its place: says that it listens where nobody does, and who it is.
    const mute = `echo $$ > "${data}/pid"; echo '{"event":"listen","socket":"http","port":1}' >&3; exec sleep 60`;
    const starting = startWorkerd({ bundle: "none.js", data, variables: {}, under: ["sh", "-c", mute] });
    await expect(starting).rejects.toThrow("ECONNREFUSED");
    const pid = Number(readFileSync(join(data, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

describe("npm start", () => {
  it.each([
    ["with an option that npm takes", ["start", "--port", "9001"]],
    ["with an option and its value that npm takes", ["start", "--port=9001"]],
  ])("%s says how to give it, and exits with 2", async (_, args) => {
    const { code, said } = await ended(args);
    expect(said).toContain("npm start -- --port 9001");
    expect(code).toBe(2);
  });
});

describe("--help", () => {
  it.each(["start", "serve", "gateway", "token", "export", "import", "torture", "bench"])(
    "of %s says how it is used, and exits with 0",
    async (command) => {
      const { code, said } = await ended(["run", command, "--", "--help"]);
      expect(said).toContain("Usage: npm ");
      expect(code).toBe(0);
    },
  );
});

async function ended(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn("npm", args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  await once(child, "close");
  return { code: child.exitCode, said };
}
