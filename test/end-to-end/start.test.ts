/** `npm start` itself, by plain curl: what stands between a client and the Worker there is not in a test's own server. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { bearerOf, signedHeaders } from "../support/credentials.ts";
import { freshUserArn } from "../support/requests.ts";
import { CONNECT_PATH, restRegister } from "../support/wire.ts";

const ROOT = join(import.meta.dirname, "../..");
const START = join(ROOT, "scripts/start.ts");
const run = promisify(execFile);

/** wrangler.toml without its build, which is done and which other tests read what it makes of. */
const toml = join(ROOT, ".wrangler-of-start.toml");
const state = mkdtempSync(join(tmpdir(), "rollcall-start-"));

let started: ChildProcess;
let said = "";
let startUrl = "";
let workerd: Workerd;

beforeAll(async () => {
  writeFileSync(toml, readFileSync(join(ROOT, "wrangler.toml"), "utf8").replace(/^command = .*\n/m, ""));
  const own = ["--config", toml, "--port", "0", "--inspector-port", "0", "--persist-to", state];
  started = spawn(process.execPath, [START, ...own, "--var", "ENDPOINT_PER_USER:5", "--var", "PRINCIPLE_X:a-secret"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [started.stdout, started.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  await vi.waitFor(() => expect(said).toContain("Rollcall serves, in local mode"), { timeout: 50_000, interval: 100 });
  startUrl = /Health +(\S+)\/health/.exec(said)?.[1] ?? "";
  workerd = await startTemporaryWorkerd(WORKER_BUNDLE);
});
afterAll(async () => {
  started.kill("SIGTERM");
  await Promise.all([once(started, "exit"), workerd.stop()]);
  rmSync(toml);
  rmSync(state, { recursive: true });
});

/** A refusal of several kilobytes over Connect, as curl gets it. */
async function longRefusal(url: string, ...more: string[]): Promise<{ headers: string; body: Buffer }> {
  const { authorization } = await bearerOf("nobody");
  const headers = ["-H", "Content-Type: application/json", "-H", `Authorization: ${authorization}`];
  const curl = ["-s", "-i", ...headers, "-d", '{"type": "FAX"}', ...more, url + CONNECT_PATH];
  const { stdout } = await run("curl", curl, { encoding: "buffer" });
  const end = stdout.indexOf("\r\n\r\n");
  return { headers: stdout.toString("latin1", 0, end).toLowerCase(), body: stdout.subarray(end + 4) };
}

describe.each([
  ["npm start", () => startUrl],
  ["bare workerd", () => workerd.url],
])("a long answer of Connect's by %s", (_, url) => {
  it.each([
    ["nothing of compression", []],
    ["that it takes none", ["-H", "Accept-Encoding: identity"]],
    ["that it takes no gzip", ["-H", "Accept-Encoding: gzip;q=0"]],
  ])("is text to a client that says %s", async (_said, more) => {
    const { headers, body } = await longRefusal(url(), ...more);
    expect(body.byteLength).toBeGreaterThan(1_024);
    expect(JSON.parse(body.toString())).toMatchObject({ code: "invalid_argument" });
    expect(headers).not.toContain("content-encoding");
  });

  it("is gzip to a client that asks for it, and the same text", async () => {
    const plain = await longRefusal(url());
    const unpacked = await longRefusal(url(), "--compressed");
    expect(unpacked.body.toString()).toBe(plain.body.toString());
    const packed = await longRefusal(url(), "-H", "Accept-Encoding: gzip");
    expect(packed.headers).toMatch(/content-encoding: gzip/);
    expect(gunzipSync(packed.body).toString()).toBe(plain.body.toString());
  });
});

describe.each([
  ["npm start", () => startUrl],
  ["bare workerd", () => workerd.url],
])("a signature that covers Accept-Encoding, by %s", (_, url) => {
  it.each(["identity", "gzip, deflate, br", "br, gzip", "gzip;q=1.0,deflate;q=0.6"])("is right: %s", async (value) => {
    expect(await registered(url(), value, value)).toBe("201");
  });

  it("is refused of another value than was sent", async () => {
    expect(await registered(url(), "gzip", "identity")).toBe("401");
  });
});

/** The status of a registration by curl, whose signature covers an Accept-Encoding that may be another than it sends. */
async function registered(url: string, signed: string, sent: string): Promise<string> {
  const { path, method, headers, body } = restRegister({}, freshUserArn());
  const covered = { method, body, headers: { ...headers, "accept-encoding": signed } };
  const made = { ...(await signedHeaders(url + path, covered, { allHeaders: true })), "accept-encoding": sent };
  const lines = Object.entries(made).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const { stdout } = await run("curl", [
    "-s",
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    ...lines,
    "-d",
    String(body),
    url + path,
  ]);
  return stdout;
}

describe("npm start", () => {
  it("names variables that were likely misspelt, and not what they hold", () => {
    const [line = ""] = /\{"event":"misspelt_variables".*\]\}/.exec(said) ?? [];
    expect(JSON.parse(line)).toEqual({
      event: "misspelt_variables",
      variables: [
        { name: "ENDPOINT_PER_USER", meant: "ENDPOINTS_PER_USER" },
        { name: "PRINCIPLE_X", meant: "PRINCIPAL_…" },
      ],
    });
    expect(said).not.toContain("a-secret");
  });

  it.each([["--ip", "0.0.0.0"], ["--ip=192.168.1.5"], ["--ip", "*"], ["--ip", "localhost", "--ip", "::"]])(
    "does not open local mode to the network by %s %s",
    async (...args) => {
      const failure = await run(process.execPath, [START, ...args], { cwd: ROOT }).catch((error) => error);
      expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining("--open-local-mode-to-the-network") });
    },
  );
});
