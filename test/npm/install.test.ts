import { type ExecFileSyncOptions, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = mkdtempSync(join(tmpdir(), "rollcall-npm-"));

const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
/** The packages that bring a Node, and the one of this machine. */
const NODES: Record<string, string> = optionalDependencies;
const NODE = Object.keys(NODES).find((name) => name.endsWith(`${process.platform}-${process.arch}`)) ?? "";

/** What npm and Vitest say of themselves is not so on the machine that is made here; where the registry is, is. */
const OURS =
  /^npm_(?!config_(registry|cafile|proxy|https_proxy|noproxy|cache)$)|^vitest|^(test|node|node_env|node_options)$/i;
const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
const PATH = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));

/** How long npm may take, and then the disk to be rid of what npm has brought: two times 800 MB in tens of thousands of files. */
const INSTALL_MS = 600_000;

afterAll(() => rmSync(FOLDER, { recursive: true }), INSTALL_MS);

describe.each([
  ["20.20.2", "10.9.9", NODES[NODE]],
  ["22.12.0", "10.9.9", NODES[NODE]],
  ["20.20.2", "11.19.1", NODES[NODE]],
  ["24.21.0", "10.9.9", "24.21.0"],
])("on a machine with Node %s and npm %s, a fresh clone", (node, npm, scriptsNode) => {
  const machine = join(FOLDER, `node-${node}-npm-${npm}`);
  const clone = join(machine, "rollcall");
  const env = { ...ENV, PATH: [join(machine, "node_modules/.bin"), ...PATH].join(delimiter) };
  const run = (command: string, args: readonly string[], options: ExecFileSyncOptions = {}) =>
    String(execFileSync(command, args, { cwd: clone, env, encoding: "utf8", stdio: "pipe", ...options }));
  let said: string;

  beforeAll(() => {
    const brought = [`${NODE}@${node}`, `npm@${npm}`];
    execFileSync("npm", ["install", "--silent", "--prefix", machine, ...brought], { cwd: FOLDER, env: ENV });
    run("git", ["clone", "--quiet", ROOT, clone], { cwd: machine });
    // Said again where it fails, for of a command that fails Node tells what it wrote to standard error.
    said = run("sh", ["-c", "npm ci > said 2>&1 || { cat said >&2; exit 1; }; cat said; rm said"]);
  }, INSTALL_MS);
  afterAll(() => rmSync(machine, { recursive: true }), INSTALL_MS);

  it("is installed by npm ci, without a warning", () => {
    expect(run("node", ["--version"]).trim()).toBe(`v${node}`);
    expect(run("npm", ["--version"]).trim()).toBe(npm);
    expect(said).toContain("added ");
    // But for what npm says of the settings of whoever runs this.
    expect(said.replaceAll(/.*Unknown (?:user|env|cli) config.*/g, "")).not.toMatch(/warn/i);
  });

  it("runs its scripts on a Node that is new enough", () => {
    if (scriptsNode === node) {
      // As where npm brings none. That it is not needed is the point.
      rmSync(join(clone, "node_modules", NODE), { recursive: true });
      run("npm", ["run", "--silent", "generate"]);
    }
    expect(run("npm", ["run", "--silent", "token", "--", "alice"])).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const scripts = /^PATH=(.*)$/m.exec(run("npm", ["run", "--silent", "env"]))?.[1] ?? expect.fail();
    expect(run("sh", ["-c", "node --version"], { env: { PATH: scripts } }).trim()).toBe(`v${scriptsNode}`);
  });

  it("serves by npm start, and ends with it", async () => {
    const child = spawn("npm", ["start", "--", "--port", "0"], {
      cwd: clone,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let started = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      started += chunk;
    });
    await expect.poll(() => started, { timeout: 60_000 }).toContain("Rollcall serves");
    const url = /http:\S+(?=\/docs)/.exec(started)?.[0] ?? expect.fail();
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "ok" });
    const ended = once(child, "exit");
    child.kill();
    await ended;
    await expect
      .poll(
        () =>
          fetch(url).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(false);
  }, 90_000);
});
