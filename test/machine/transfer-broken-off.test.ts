import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, runAndEnd } from "../support/command.ts";
import { madeUpEndpoints } from "../support/pinpoint.ts";
import { RESOURCE_ARN } from "../support/requests.ts";

const ROOT = join(import.meta.dirname, "../..");

/** How many endpoints the import that is killed has: more by hand. */
const { TRANSFER_ENDPOINTS = "300" } = process.env;
const ENDPOINTS = Number(TRANSFER_ENDPOINTS);

let folder: string;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-broken-off-"));
  const { PATH, HOME } = process.env;
  const variables = { SAME_DEVICE: "adopt", DEVICES: "move", CALLS_PER_CALLER: "1000000" };
  const args = [join(ROOT, "scripts/serve.ts"), "--data", join(folder, "data"), "--port", "0", "--local"];
  server = spawn(process.execPath, args, { cwd: ROOT, env: { PATH, HOME, ...variables } });
  let said = "";
  for await (const chunk of server.stdout?.setEncoding("utf8").iterator({ destroyOnReturn: false }) ?? []) {
    said += chunk;
    url = /serves on (\S+) /.exec(said)?.[1] ?? "";
    if (url !== "") {
      break;
    }
  }
  server.stdout?.resume();
});
afterAll(async () => {
  server.kill("SIGTERM");
  await once(server, "exit");
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

function importing(file: string, appInstanceArn: string, perSecond: number): string[] {
  return [
    ...["scripts/transfer.ts", "import", "--url", url, "--per-second", `${perSecond}`, "--format", "pinpoint"],
    ...["--app-instance-arn", appInstanceArn, "--resource-arn", RESOURCE_ARN, file],
  ];
}

function exporting(appInstanceArn: string, out: string): string[] {
  return ["scripts/transfer.ts", "export", "--url", url, "--app-instance-arn", appInstanceArn, "--out", out];
}

/** How many endpoints a run has written down as done. */
function done(file: string): number {
  return existsSync(`${file}.state`) ? JSON.parse(readFileSync(`${file}.state`, "utf8")).state.tally.read : 0;
}

function appInstance(name: string): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/${name}`;
}

describe("an import", () => {
  it(
    "that was killed twice ends complete, with each endpoint once",
    async () => {
      const madeUp = madeUpEndpoints(ENDPOINTS);
      const appInstanceArn = appInstance("killed");
      const file = fileOf("killed.jsonl", madeUp.lines);
      const args = importing(file, appInstanceArn, 200);
      for (const enough of [ENDPOINTS / 3, ENDPOINTS / 2]) {
        // In the middle of what comes next, some of which is registered then and not written down.
        let at = Number.POSITIVE_INFINITY;
        const isTime = () => {
          at = done(file) < enough ? at : Math.min(at, performance.now() + 200);
          return performance.now() >= at;
        };
        expect(await runAndEnd(args, isTime)).toMatchObject({ code: null });
        console.log(`killed when ${done(file)} of ${ENDPOINTS} were done`);
        expect(done(file)).toBeLessThan(ENDPOINTS);
      }
      const { code, stdout } = await run(args);
      console.log(stdout);
      expect(code).toBe(1); // For those that failed.
      const [registered = 0, alreadyThere = 0, leftOut, failed] = Array.from(
        stdout.matchAll(/^ +([\d,]+) (?:registered|already there|left out|failed)$/gm),
        ([, count = ""]) => Number(count.replace(",", "")),
      );
      expect(registered + alreadyThere).toBe(madeUp.registered.size);
      expect({ leftOut, failed }).toEqual({ leftOut: madeUp.leftOut, failed: madeUp.failed });

      const out = join(folder, "there.jsonl");
      const exported = await run(exporting(appInstanceArn, out));
      console.log(exported.stderr);
      expect(exported.code).toBe(0);
      const there = readFileSync(out, "utf8").trim().split("\n");
      expect(there).toHaveLength(madeUp.registered.size);
      const found = there.map((line) => {
        const { AppInstanceUserArn, EndpointAttributes, Type, AllowMessages } = JSON.parse(line);
        const user = AppInstanceUserArn.slice(`${appInstanceArn}/user/`.length);
        return [EndpointAttributes.DeviceToken, { user, type: Type, isMuted: AllowMessages === "NONE" }] as const;
      });
      expect(new Map(found)).toEqual(madeUp.registered);
    },
    60_000 + 150 * ENDPOINTS,
  );

  it("is refused while another of the same file runs, which ends and goes on as ever", async () => {
    const { lines, registered } = madeUpEndpoints(100);
    const appInstanceArn = appInstance("at-once");
    const file = fileOf("at-once.jsonl", lines);
    const refused = await whileRunning(importing(file, appInstanceArn, 1), file, () =>
      run(importing(file, appInstanceArn, 100)),
    );
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: anotherRun(file) });
    // One that is dry needs nothing of its own.
    const dry = () => run([...importing(file, appInstanceArn, 1), "--dry-run"]);
    expect((await whileRunning(importing(file, appInstanceArn, 1), file, dry)).stdout).toMatch(/^100 endpoints read\./);

    expect((await run(importing(file, appInstanceArn, 1_000))).stdout).toMatch(/^100 endpoints read\./);
    const { stdout } = await run(exporting(appInstanceArn, "").slice(0, -2));
    expect(stdout.trim().split("\n")).toHaveLength(registered.size);
  });
});

describe("an export", () => {
  it("is refused while another to the same file runs", async () => {
    const silent = createServer().listen(0);
    const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const out = join(folder, "out.jsonl");
    const args = exporting(appInstance("out"), out);
    const refused = await whileRunning(args.with(args.indexOf(url), silentUrl), out, () => run(args));
    silent.closeAllConnections();
    silent.close();
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: anotherRun(out) });
  });
});

/** Does something while a command is at work with a file, which is told to end then. */
async function whileRunning<T>(args: readonly string[], file: string, work: () => Promise<T>): Promise<T> {
  let isTime = false;
  const first = runAndEnd(args, () => isTime, "SIGTERM");
  await expect.poll(() => existsSync(`${file}.lock`)).toBe(true);
  try {
    return await work();
  } finally {
    isTime = true;
    expect(await first).toMatchObject({ code: 1, stderr: "Stopped. It was told to end.\n" });
    expect(existsSync(`${file}.lock`)).toBe(false);
  }
}

function anotherRun(file: string): string {
  return `Stopped. Another run is at work with ${file}. Wait for its end.\n`;
}
