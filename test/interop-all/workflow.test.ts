import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { missingOf } from "../../scripts/toolchains.ts";
import { exampleOf } from "../support/examples.ts";

const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
const PROGRAMS = join(import.meta.dirname, "../../node_modules/.cache/actionlint");

describe.skipIf(missingOf(["go"]))("the workflow of docs/deploying.md", () => {
  const workflow = exampleOf("docs/deploying.md", "yaml", "name: deploy").code;

  beforeAll(() => {
    const { status, stderr } = spawnSync("go", ["install", ACTIONLINT], {
      encoding: "utf8",
      env: { ...process.env, GOBIN: PROGRAMS, GOFLAGS: "" },
    });
    expect([status, stderr]).toEqual([0, expect.anything()]);
  }, 300_000);

  function lint(text: string) {
    const { stdout, status } = spawnSync(join(PROGRAMS, "actionlint"), ["-no-color", "-"], {
      input: text,
      encoding: "utf8",
    });
    return { stdout, status };
  }

  it("is one by actionlint", () => {
    expect(lint(workflow)).toEqual({ stdout: "", status: 0 });
  });

  it("would not be with a slip in it", () => {
    expect(lint(workflow.replace("needs: staging", "needs: stagnig"))).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("stagnig"),
    });
  });
});
