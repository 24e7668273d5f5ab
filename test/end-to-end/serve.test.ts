import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { hostname, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SERVE_FOLDER } from "../../scripts/build/serve.ts";
import { OPEN_LOCAL_MODE } from "../../src/serve/open-local-mode.ts";
import { signedHeaders } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";
import { sendAs } from "../support/with-host.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPT = join(ROOT, "scripts/serve.ts");
/** What the script comes to, once it has seen that the build is up to date: for what is refused many times over. */
const BUILT = join(SERVE_FOLDER, "serve.mjs");
const SECRET = "a-secret-access-key-of-forty-characters!";
const PRINCIPAL_BACKEND = JSON.stringify({
  accessKeys: [{ accessKeyId: "AKIABACKEND000000001", secretAccessKey: SECRET }],
  policy: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: "*" } },
});
/** Two classes of objects. */
const DEVICES = { SAME_DEVICE: "adopt", DEVICES: "move" };
const BACKEND = { accessKeyId: "AKIABACKEND000000001", secretAccessKey: SECRET };

let data: string;
const running = new Set<ChildProcess>();
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "rollcall-serve-"));
});
afterEach(async () => {
  await Promise.all([...running].map(ended));
  rmSync(data, { recursive: true });
});

/** `npm run serve` with its arguments, in an environment that has nothing but these variables. */
function start(args: readonly string[], variables: Record<string, string> = {}, command = [process.execPath, SCRIPT]) {
  const { PATH, HOME } = process.env;
  const [program = "", ...first] = command;
  const child = spawn(program, [...first, ...args], { cwd: ROOT, env: { PATH, HOME, ...variables } });
  running.add(child);
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said.text += chunk;
    });
  }
  return { child, said };
}

/** Ends a server as a service manager does, and answers its exit code. */
async function ended(child: ChildProcess): Promise<number | null> {
  running.delete(child);
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  return child.exitCode;
}

/** Starts a server that is to serve, and answers where. */
async function served(args: readonly string[], variables?: Record<string, string>, command?: string[]) {
  const server = start(["--data", data, "--port", "0", ...args], variables, command);
  await expect.poll(() => server.said.text, { timeout: 30_000 }).toContain("serves on");
  return { ...server, url: /serves on (\S+)/.exec(server.said.text)?.[1] ?? "" };
}

async function refused(args: readonly string[], variables?: Record<string, string>, program = BUILT): Promise<string> {
  const { child, said } = start(args, variables, [process.execPath, program]);
  await once(child, "close");
  running.delete(child);
  expect(child.exitCode).toBe(2);
  return said.text;
}

async function register(url: string, arn = freshUserArn()) {
  const request = restRegister({}, arn);
  return send(url, { ...request, headers: await signedHeaders(url + request.path, request, BACKEND) });
}

describe("a server on one machine", () => {
  it.each([
    ["without a place for its data", [], {}, "Usage: npm run serve"],
    ["with an option that there is not", ["--data", "x", "--workers", "2"], {}, "Usage: npm run serve"],
    ["with an option that there is not", ["--data", "x", "--workers", "2"], {}, "Unknown option '--workers'"],
    ["with an option that npm has taken", ["--data", "x", "9001"], { npm_config_port: "true" }, "--port went to npm"],
    ["on a port that there is not", ["--data", "x", "--port", "65536"], {}, "Usage: npm run serve"],
    ["with metrics at no address", ["--data", "x", "--metrics", "9464"], {}, "--metrics must be HOST:PORT"],
    [
      "with a share that is none",
      ["--data", "x", "--local"],
      { LOG_SUCCESSES: "some" },
      "LOG_SUCCESSES must be all, none",
    ],
    ["that nobody may call", ["--data", "x"], {}, "No caller is configured"],
    [
      "with a jurisdiction",
      ["--data", "x", "--local"],
      { JURISDICTIONS: "eu-west-1=eu" },
      "JURISDICTIONS can't be kept",
    ],
    ["in local mode on the network", ["--data", "x", "--local", "--host", "0.0.0.0"], {}, `add --${OPEN_LOCAL_MODE}`],
    [
      "in local mode on an address",
      ["--data", "x", "--local", "--host", "192.168.1.5"],
      {},
      `add --${OPEN_LOCAL_MODE}`,
    ],
    [
      "in wider local mode by a variable",
      ["--data", "x", "--local"],
      { LOCAL_MODE_HOSTS: "a" },
      "LOCAL_MODE_HOSTS is not",
    ],
    ["in local mode by a variable", ["--data", "x"], { LOCAL_MODE: "true" }, "start with --local instead"],
    ["with a bad variable", ["--data", "x", "--local"], { ENDPOINTS_PER_USER: "0" }, "ENDPOINTS_PER_USER must be"],
    [
      "with a bad principal",
      ["--data", "x"],
      { PRINCIPAL_BACKEND: `{"key": "${SECRET}"` },
      "PRINCIPAL_BACKEND must be JSON",
    ],
    ["with a file that there is not", ["--data", "x", "--variables", "none"], {}, "none, the file with variables"],
  ])("does not start %s, and says why", async (_, args, variables, said) => {
    const text = await refused(args, variables);
    expect(text).toContain(said);
    expect(text).not.toContain(SECRET);
  });

  it("does not start by its script either where the build does not", async () => {
    expect(await refused(["--data", "x"], {}, SCRIPT)).toBe(await refused(["--data", "x"]));
  });

  it.each([
    ["a word", `ENDPOINTS_PER_USER=7\n\n# a comment\n${SECRET}\n`, 4],
    ["another sign than =", "ENDPOINTS_PER_USER: 7", 1],
    ["a quote that does not end", `A='b\nc'\nPRINCIPAL_BACKEND='${SECRET}\n`, 3],
    ["something after a quote", `PRINCIPAL_BACKEND='{}'${SECRET}`, 1],
  ])("does not start with %s in its file, and says where", async (_, content, line) => {
    const file = join(data, "principals.env");
    writeFileSync(file, content);
    const text = await refused(["--data", "x", "--local", "--variables", file]);
    expect(text).toContain(`${file}, the file with variables, has something in line ${line} that is not NAME=VALUE`);
    expect(text).not.toContain(SECRET);
  });

  it("is in local mode on the network where it is told so, for this machine's addresses and no other name", async () => {
    const { url, said } = await served(["--local", "--host", "0.0.0.0", `--${OPEN_LOCAL_MODE}`]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await expect.poll(() => said.text).toContain(`${url}/health`);
    const health = { method: "GET", path: "/health", headers: {}, body: null };
    const [address = "127.0.0.1"] = Object.values(networkInterfaces()).flatMap((list = []) =>
      list.filter(({ family, internal }) => family === "IPv4" && !internal).map((own) => own.address),
    );
    expect((await sendAs(`${address}:8787`, url, health)).status).toBe(200);
    expect((await sendAs(hostname(), url, health)).status).toBe(200);
    expect((await sendAs("rebound.example:8787", url, health)).status).toBe(403);
  });

  it("lets in whom its environment and a file name, and keeps what they register", async () => {
    const file = join(data, "principals.env");
    const misspelt = `export PRINCIPLE_X="${SECRET}" # a comment\r\nOTHER=\n  ENDPOINT_PER_USER = 5\n`;
    writeFileSync(file, `PRINCIPAL_BACKEND='${PRINCIPAL_BACKEND}'\nENDPOINTS_PER_USER=7\n${misspelt}`);
    const first = await served(["--variables", file], { ENDPOINTS_PER_USER: "1", ALLOWED_ORIGIN: "x", PAGER: "less" });
    const told = first.said.text.matchAll(/^(\w+) is not a variable .* mean (.*)\?$/gm);
    expect(Array.from(told, ([, ...names]) => names).toSorted()).toEqual([
      ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
      ["ENDPOINT_PER_USER", "ENDPOINTS_PER_USER"],
      ["PRINCIPLE_X", "PRINCIPAL_…"],
    ]);
    expect(first.said.text).not.toContain(SECRET);
    const arn = freshUserArn();
    const made = await register(first.url, arn);
    expect(made.status).toBe(201);
    const another = restRegister(
      { ClientRequestToken: "another", EndpointAttributes: { DeviceToken: "another" } },
      arn,
    );
    const headers = await signedHeaders(first.url + another.path, another, BACKEND);
    expect((await send(first.url, { ...another, headers })).error).toBe("ResourceLimitExceededException");
    expect(await ended(first.child)).toBe(0);

    const second = await served([], { PRINCIPAL_BACKEND });
    expect(await register(second.url, arn)).toMatchObject({ status: 201, text: made.text });
    // The well-known key of local mode is nobody's here.
    expect((await send(second.url, restRegister())).status).toBe(401);
  });

  it("writes no secret to its disk, which is its user's alone, when the network may call too", async () => {
    const server = await served(["--host", "0.0.0.0"], { PRINCIPAL_BACKEND });
    expect((await register(server.url)).status).toBe(201);
    const written = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = written.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"));
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((text) => text.includes(SECRET))).toEqual([]);
    expect(server.said.text).not.toContain(SECRET);
  });

  it("keeps its data from others, whatever umask it is started with", async () => {
    const folder = join(data, "register");
    const permissive = ["sh", "-c", 'umask 0; exec "$0" "$@"', process.execPath, SCRIPT];
    const { child, url } = await served(["--local", "--data", folder], DEVICES, permissive);
    expect((await send(url, restRegister())).status).toBe(201);
    await ended(child);
    const backup = start(["--data", folder, "--backup", join(data, "backup")], {}, permissive);
    await once(backup.child, "close");
    expect(backup.child.exitCode).toBe(0);
    const written = readdirSync(data, { recursive: true, encoding: "utf8" });
    expect(written).toEqual(expect.arrayContaining(["register/config.capnp", "register/lock", "backup/backup.json"]));
    expect(written.filter((path) => path.endsWith(".sqlite")).length).toBeGreaterThan(4);
    expect(written.filter((path) => (statSync(join(data, path)).mode & 0o077) !== 0)).toEqual([]);
  });

  it("writes through no link that others have put into a folder that they may write to", async () => {
    const theirs = join(data, "somebody's own");
    writeFileSync(theirs, "theirs");
    const folder = mkdtempSync(join(data, "open-"));
    chmodSync(folder, 0o777);
    symlinkSync(theirs, join(folder, "config.capnp"));
    await ended((await served(["--local", "--data", folder])).child);
    expect(readFileSync(theirs, "utf8")).toBe("theirs");

    rmSync(join(folder, "lock"));
    symlinkSync(theirs, join(folder, "lock"));
    const { child, said } = start(["--local", "--data", folder, "--port", "0"]);
    await once(child, "close");
    expect([child.exitCode, said.text]).toEqual([1, expect.stringContaining(`Data can't be kept in ${folder}`)]);
    expect(readFileSync(theirs, "utf8")).toBe("theirs");
  });

  it("serves both pages in local mode, and says where", async () => {
    const { url, said } = await served(["--local"]);
    for (const page of ["/docs", "/console"]) {
      const response = await fetch(url + page);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      await expect.poll(() => said.text).toContain(url + page);
    }
    expect((await fetch(`${url}/console/main.js`)).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(await (await fetch(`${url}/settings.json`)).json()).toMatchObject({ localMode: true });
    expect(await (await fetch(`${url}/`)).text()).toContain("<title>Rollcall</title>");
  });

  it("does not share its data with a second one", async () => {
    await served(["--local"]);
    const { child, said } = start(["--data", data, "--port", "0", "--local"]);
    await once(child, "close");
    expect(child.exitCode).toBe(1);
    expect(said.text).toContain(`${data} is in use by another server`);
  });

  it.each(["/proc/none", "package.json/data"])("says so if it can't keep its data in %s", async (folder) => {
    const { child, said } = start(["--data", folder, "--port", "0", "--local"]);
    await once(child, "close");
    expect(child.exitCode).toBe(1);
    expect(said.text).toContain(`Data can't be kept in ${folder}`);
  });

  it("says so if it may not write where its objects are", async () => {
    mkdirSync(join(data, "objects"));
    // Where not even root may.
    symlinkSync("/proc/self", join(data, "objects/rollcall-app-instance-user"));
    const { child, said } = start(["--data", data, "--port", "0", "--local"]);
    await once(child, "close");
    expect(child.exitCode).toBe(1);
    expect(said.text.trim()).toMatch(/^Data can't be kept in .*rollcall-app-instance-user'$/);
  });

  it("says so if its folder takes no configuration", async () => {
    mkdirSync(join(data, "config.capnp"));
    const { child, said } = start(["--data", data, "--port", "0", "--local"]);
    await once(child, "close");
    expect(child.exitCode).toBe(1);
    expect(said.text.trim()).toMatch(/^Data can't be kept in .*config\.capnp'$/);
  });

  it("says so if its port is taken", async () => {
    const { url } = await served(["--local"]);
    const { port } = new URL(url);
    const { child, said } = start(["--data", `${data}/other`, "--port", port, "--local"]);
    await once(child, "close");
    expect(child.exitCode).toBe(1);
    expect(said.text).toContain(`Port ${port} is taken`);

    const metrics = ["--metrics", `127.0.0.1:${port}`];
    const other = start(["--data", `${data}/other`, "--port", "0", "--local", ...metrics]);
    await once(other.child, "close");
    expect(other.child.exitCode).toBe(1);
    expect(other.said.text).toContain("Choose another by --metrics.");
  });

  // A proxy can't reach this machine's own addresses, and here it is no proxy at all.
  it.each(["::1", "[::1]", "::", "[::]"])("serves on %s, whatever proxy the environment names", async (host) => {
    const proxy = { HTTP_PROXY: "http://127.0.0.1:1", NODE_USE_ENV_PROXY: "1" };
    const { url, said } = await served(["--local", "--host", host, `--${OPEN_LOCAL_MODE}`], proxy);
    await expect.poll(() => said.text).toContain("Register an endpoint");
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect(await answersNewcomers(url)).toBe(true);
  });

  it("ends with the npm that runs it", async () => {
    const { child, url } = await served(["--local"], {}, ["npm", "run", "--silent", "serve", "--"]);
    expect(await answersNewcomers(url)).toBe(true);
    expect(await ended(child)).toBe(0);
    expect(await answersNewcomers(url)).toBe(false);
  });

  it("ends when it is told to while it starts, and lets go of its data", async () => {
    const { child } = start(["--data", data, "--port", "0", "--local"]);
    // Taken before workerd starts, and kept for as long as that runs.
    await expect.poll(() => readdirSync(data), { timeout: 30_000, interval: 5 }).toContain("lock");
    expect(await ended(child)).toBe(0);
    await served(["--local"]);
  });

  it("answers the calls in flight before it ends", async () => {
    const { child, url } = await served(["--local"]);
    const { request, rest } = await halfOfRegister(url);
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await expect.poll(() => answersNewcomers(url), { timeout: 10_000 }).toBe(false);
    const answered = once(request, "response");
    request.end(rest);
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    response.resume();
    expect(await exit).toEqual([0, null]);
  });
});

/** A registration of which the body has not wholly arrived. */
async function halfOfRegister(url: string): Promise<{ request: ClientRequest; rest: string }> {
  const call = restRegister();
  const body = String(call.body);
  const headers = { ...(await signedHeaders(url + call.path, call)), "content-length": body.length };
  const request = httpRequest(url + call.path, { method: call.method, headers });
  request.write(body.slice(0, 20));
  await expect.poll(() => request.socket?.bytesWritten ?? 0).toBeGreaterThan(20);
  return { request, rest: body.slice(20) };
}

/** Whether a server answers on a connection of its own. One that is ending lets it wait until the end. */
async function answersNewcomers(url: string): Promise<boolean> {
  const request = httpRequest(`${url}/health`, { agent: false, timeout: 500 }).end();
  request.on("timeout", () => request.destroy());
  return once(request, "response").then(
    ([response]) => Boolean((response as IncomingMessage).resume()),
    () => false,
  );
}
