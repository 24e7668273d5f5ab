import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createRollcallClient } from "../../src/client/index.ts";
import { resolveEndpoints } from "../../src/client/senders.ts";
import { LOCAL_CREDENTIALS } from "../support/credentials.ts";
import { at, exampleOf } from "../support/examples.ts";
import { bash } from "../support/proto-user.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const ROOT = join(import.meta.dirname, "../..");
const server = serveOnWorkerd();

/** Which tokens of alice's may be woken. */
async function tokensOfAlice(): Promise<string[]> {
  const rollcall = createRollcallClient({ baseUrl: server.url, credentials: LOCAL_CREDENTIALS });
  const alice = "arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/alice";
  const tokens: string[] = [];
  for await (const user of resolveEndpoints(rollcall, [alice])) {
    tokens.push(...(user.kind === "resolved" ? user.endpoints : []).map(({ deviceToken }) => deviceToken));
  }
  return tokens;
}

describe.each([
  ["docs/from-pinpoint.md", "endpoints.jsonl", "token-from-pinpoint"],
  ["docs/from-sns.md", "endpoints.json", "token-from-sns"],
])("%s", (page, name, token) => {
  const file = join(ROOT, name);
  afterEach(() => {
    rmSync(file, { force: true });
    rmSync(`${file}.state`, { force: true });
  });

  it("has a file and commands that answer as printed, and import it", async () => {
    // A file of this name that is there already is somebody's own.
    writeFileSync(file, exampleOf(page, "json", token).code, { flag: "wx" });
    // What is generated already is not generated again under the tests that run beside this one.
    const env = { npm_config_ignore_scripts: "true" };
    const dry = exampleOf(page, "sh", "--dry-run");
    expect(await bash(ROOT, dry.code, env)).toBe(dry.answer);
    expect(existsSync(`${file}.state`)).toBe(false);
    const real = exampleOf(page, "sh", "--url");
    expect(await bash(ROOT, at(server.url, real.code), env)).toBe(real.answer);
    expect(await tokensOfAlice()).toContain(token);
  });
});
