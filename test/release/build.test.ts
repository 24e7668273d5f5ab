import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SERVE_FOLDER } from "../../scripts/build/serve.ts";
import { Health } from "../../src/gateway/gen/health/v1/health_pb.ts";
import { grpcJs } from "../support/callers.ts";
import { bearerOf, signedHeaders } from "../support/credentials.ts";
import { MACHINES_NODE } from "../support/machines-node.ts";
import { freshUserArn } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Elsewhere, with nothing beside it, and with no command on its path but Node. */
const MACHINE = mkdtempSync(join(tmpdir(), "rollcall-build-"));
const FOLDER = join(MACHINE, "rollcall");
const ENV = { PATH: join(MACHINE, "bin") };

const running = new Set<ChildProcess>();

beforeAll(() => {
  cpSync(SERVE_FOLDER, FOLDER, { recursive: true });
  mkdirSync(ENV.PATH);
  symlinkSync(MACHINES_NODE, join(ENV.PATH, "node"));
});
afterEach(async () => {
  await Promise.all(Array.from(running, ended));
});
afterAll(() => rmSync(MACHINE, { recursive: true }));

/** Starts a program of the build, and answers what it has said, in time, that matches. */
async function started(program: string, args: readonly string[], ready: RegExp) {
  const child = spawn(join(ENV.PATH, "node"), [join(FOLDER, program), ...args], { cwd: MACHINE, env: ENV });
  running.add(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(ready);
  return { child, url: ready.exec(said)?.[1] ?? "" };
}

function serve() {
  const args = ["--data", "register", "--port", "0", "--local"];
  return started("serve.mjs", args, /^Rollcall serves on (\S+)/m);
}

async function ended(child: ChildProcess): Promise<number | null> {
  running.delete(child);
  if (child.exitCode === null) {
    child.kill();
    await once(child, "exit");
  }
  return child.exitCode;
}

async function registered(url: string, arn: string) {
  const request = restRegister({}, arn);
  return send(url, { ...request, headers: await signedHeaders(url + request.path, request) });
}

describe("a build", () => {
  it("serves by itself, where there is nothing but a Node", async () => {
    const arn = freshUserArn();
    const first = await serve();
    const made = await registered(first.url, arn);
    expect(made.status).toBe(201);
    expect(await (await fetch(`${first.url}/console`)).text()).toContain("<title>");
    expect(await ended(first.child)).toBe(0);

    const second = await serve();
    expect(await registered(second.url, arn)).toMatchObject({ status: 201, text: made.text });
    await started("serve.mjs", ["--data", "register", "--port", "0", "--local"], /register is in use by another/);
  });

  it("serves gRPC, and gRPC-Web in its text form", async () => {
    const { url: upstream } = await serve();
    const gateway = await started("gateway.mjs", ["--listen", "127.0.0.1:0", "--upstream", upstream], / on (\S+),/);
    const appInstanceUserArn = freshUserArn();
    const list = grpcJs(gateway.url)(
      "ListAppInstanceUserEndpoints",
      { appInstanceUserArn },
      await bearerOf(appInstanceUserArn),
    );
    expect(await list).toMatchObject({ code: "ok" });
    const answer = await fetch(`${gateway.url}/${Health.typeName}/Check`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web-text" },
      body: "AAAAAAA=",
    });
    expect(Buffer.from(await answer.text(), "base64").toString("latin1")).toContain("\x08\x01");
  });

  it("is workerd and little more, and says nothing of the machine that made it", () => {
    const files = globSync("**/*", { cwd: FOLDER, withFileTypes: true }).filter((entry) => entry.isFile());
    const others = files.filter(({ name }) => name !== "workerd").map(({ parentPath, name }) => join(parentPath, name));
    const bytes = others.map((file) => statSync(file).size).reduce((a, b) => a + b);
    expect(bytes).toBeLessThan(3_000_000);
    expect(others.filter((file) => readFileSync(file, "utf8").includes(ROOT))).toEqual([]);
  });

  it("has the licences of all that it is made of", () => {
    const text = readFileSync(join(FOLDER, "THIRD-PARTY-LICENSES"), "utf8");
    const titles = Array.from(text.matchAll(/^(\S+) \d+\.\S+, (.+)$/gm), ([, name, license]) => [name, license]);
    const names = ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node", "hono", "jose", "lit-html"];
    expect(titles.map(([name]) => name)).toEqual(expect.arrayContaining([...names, "uuid", "workerd"]));
    expect(
      titles.map(([, license]) => license).filter((license) => !/MIT|Apache-2\.0|BSD/.test(license ?? "")),
    ).toEqual([]);
    // None is only named: each brings its own text, or has the one at the end.
    const sections = text.split(/^-{80}$/m).slice(1, -1);
    expect(
      sections.filter((section) => !/Permission|Redistribution|Licensed under the Apache|Apache-2\.0/.test(section)),
    ).toEqual([]);
    expect(text).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
  });

  it("takes the place of no folder that is something else", () => {
    const command = [join(ROOT, "scripts/build.ts"), "--out", ENV.PATH];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
    expect(stderr).toContain(`${ENV.PATH} is there, and is no build`);
    expect(status).toBe(1);
    expect(readdirSync(ENV.PATH)).toEqual(["node"]);
  });

  it("is what npm run serve starts from, and is not made again", () => {
    const before = statSync(SERVE_FOLDER);
    const said = execFileSync("npm", ["run", "--silent", "serve", "--", "--help"], { cwd: ROOT, encoding: "utf8" });
    expect(said).toMatch(/^Usage: npm run serve/);
    expect(statSync(SERVE_FOLDER)).toMatchObject({ ino: before.ino, ctimeMs: before.ctimeMs });
  });
});
