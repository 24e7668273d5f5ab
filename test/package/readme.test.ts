import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { createTestHarness } from "wrangler";
import { localToken } from "../../src/command/local.ts";
import { WORKER_FOLDER } from "../support/build.ts";
import { DEPLOYED_VARIABLES, LOCAL_VARIABLES } from "../support/credentials.ts";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { serve } from "../support/server.ts";
import { complaints, NODE, WORKERS } from "../support/type-check.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = "src/client/README.md";

const WRANGLER_TOML = `
  name = "caller"
  main = "binding.ts"
  compatibility_date = "2026-10-01"
  services = [{ binding = "ROLLCALL", service = "rollcall" }]
`;

const { folder } = inject("installedClient");
const server = serve();

/** Runs an example of the page as printed, but for where the server is, and answers what it prints. */
async function run(name: string, code: string): Promise<string> {
  writeFileSync(join(folder, name), at(server.url, code));
  expect(complaints(folder, name, NODE)).toBe("");
  const env = { ...process.env, TOKEN: await localToken("alice") };
  return (await promisify(execFile)(process.execPath, [name], { cwd: folder, env })).stdout;
}

describe("the README of the package", () => {
  it("has an example of a registration and its errors, and one of a list, that answer as printed", async () => {
    const register = exampleOf(PAGE, "ts", "registerAppInstanceUserEndpoint");
    expect(withoutIds(await run("register.ts", register.code))).toBe(withoutIds(register.answer));

    const list = exampleOf(PAGE, "ts", "listAllAppInstanceUserEndpoints");
    expect(withoutIds(await run("list.ts", list.code))).toBe(withoutIds(list.answer));
  });

  it("has an example of a timestamp as a Date, that answers as printed", async () => {
    const { code, answer } = exampleOf(PAGE, "ts", "timestampDate");
    const withoutDates = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a date");
    expect(withoutDates(await run("timestamp.ts", code))).toBe(withoutDates(answer));
  });

  it("has an example of an app's launches, that answers as printed", async () => {
    const { code, answer } = exampleOf(PAGE, "ts", "registerAtLaunch");
    expect(await run("launch.ts", code)).toBe(answer);
  });

  it("has an example of a sender, that answers as printed", async () => {
    const { code, answer } = exampleOf(PAGE, "ts", "resolveEndpoints");
    const fcm = createServer((_, response) => {
      const details = [{ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode: "UNREGISTERED" }];
      response.writeHead(404).end(JSON.stringify({ error: { code: 404, status: "NOT_FOUND", details } }));
    });
    await once(fcm.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(fcm.address() as AddressInfo).port}`;
    expect(code).toContain("https://fcm.googleapis.com/");
    const printed = await run("send.ts", code.replace("https://fcm.googleapis.com", url));
    fcm.close();
    expect(withoutIds(printed)).toBe(withoutIds(answer));
  });

  it.each([
    ["a deployment", DEPLOYED_VARIABLES, "https://rollcall.internal"],
    // Which answers no other host.
    ["a server in local mode, by localhost", LOCAL_VARIABLES, "http://localhost"],
  ])("has an example of a Worker that calls %s over a service binding", async (_, vars, baseUrl) => {
    const { code } = exampleOf(PAGE, "ts", "env.ROLLCALL");
    writeFileSync(join(folder, "binding.ts"), code.replace("https://rollcall.internal", baseUrl));
    expect(complaints(folder, "binding.ts", WORKERS)).toBe("");
    writeFileSync(join(folder, "binding.toml"), WRANGLER_TOML);
    const harness = createTestHarness({
      workers: [
        { configPath: join(folder, "binding.toml"), vars: { TOKEN: await localToken("alice") } },
        {
          configPath: join(ROOT, "wrangler.toml"),
          env: "production",
          prebuiltWorkerDir: WORKER_FOLDER,
          vars,
        },
      ],
    });
    await harness.listen();
    try {
      expect(await (await harness.fetch("https://caller.example.com/")).json()).toEqual([]);
    } finally {
      await harness.close();
    }
  });
});
