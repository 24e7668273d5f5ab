import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const root = join(import.meta.dirname, "../..");
const server = serveOnWorkerd();
const run = promisify(execFile);

describe("the README", () => {
  it("has the loop by curl, which answers as printed", async () => {
    const steps = ["Register", "Resolve", "Report"].map((word) => exampleOf("README.md", "sh", `$API/${word}`));
    const loop = steps.map(({ code }) => `${code}echo`).join("\n");
    const { stdout } = await run("bash", ["-c", at(server.url, loop)], { cwd: root });
    const withoutTimes = (text: string) => withoutIds(text).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "a time");
    expect(withoutTimes(stdout).split(/\n+/)).toEqual(steps.map(({ answer }) => withoutTimes(answer)));
  });

  it("has an example for TypeScript that answers as printed, run by the lines that it prints", async () => {
    const { code } = exampleOf("README.md", "ts", "createRollcallClient");
    const { code: lines, answer } = exampleOf("README.md", "sh", "register.ts");
    const file = join(root, "register.ts");
    // A file of this name that is there already is somebody's own.
    writeFileSync(file, at(server.url, code), { flag: "wx" });
    try {
      // What is generated already is not generated again under the tests that run beside this one.
      const env = { ...process.env, npm_config_ignore_scripts: "true" };
      const { stdout } = await run("bash", ["-c", lines], { cwd: root, env });
      expect(withoutIds(stdout.trim().split("\n").at(-1) ?? "")).toBe(withoutIds(answer));
    } finally {
      rmSync(file);
    }
  });

  it("shows what npm start says to try", () => {
    expect(exampleOf("README.md", "sh", "npm start").code).toBe("npm ci\nnpm start\n");
  });
});

describe("docs/senders.md", () => {
  const forSenders = serveOnWorkerd();

  it("has an example for curl that answers the device that README registers", async () => {
    const { code, answer } = exampleOf("docs/senders.md", "sh", "curl");
    const register = exampleOf("README.md", "sh", "curl").code;
    await run("bash", ["-c", at(forSenders.url, register)], { cwd: root });
    const { stdout } = await run("bash", ["-c", at(forSenders.url, code)], { cwd: root });
    const withoutTimes = (text: string) => withoutIds(text).replace(/"DeviceTokenTimestamp":[\d.]+/, "");
    expect(withoutTimes(stdout)).toBe(withoutTimes(answer));
  });
});
