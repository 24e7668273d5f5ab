import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { bash } from "../support/proto-user.ts";
import { serve } from "../support/server.ts";
import { complaints, NODE } from "../support/type-check.ts";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLE = join(ROOT, "examples/app-launch");
const PAGE = "examples/app-launch/README.md";

const server = serve();

describe("the example of an app's launches", () => {
  afterEach(() => rmSync(join(EXAMPLE, "tsconfig.app.ts.json"), { force: true }));

  it("prints what its page shows, run by the lines of the page", async () => {
    const { code: setUp } = exampleOf(PAGE, "sh", "npm run build:client");
    const { code: launches, answer } = exampleOf(PAGE, "sh", "node app.ts");
    // What is generated already is not generated again under the tests that run beside this one.
    const env = { npm_config_ignore_scripts: "true" };
    const printed = await bash(ROOT, `{ ${at(server.url, setUp)} } > /dev/null\n${launches}`, env);
    expect(withoutIds(printed)).toBe(withoutIds(answer));
  }, 120_000);

  it("has types", () => {
    expect(complaints(EXAMPLE, "app.ts", { ...NODE, allowImportingTsExtensions: true })).toBe("");
  });
});
