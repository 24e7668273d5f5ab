/** What the console offers to copy, run as it stands. */
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { listCall, registerCall } from "../../src/pages/shared/api/call.ts";
import { bearer } from "../../src/pages/shared/api/credentials.ts";
import { restRequest } from "../../src/pages/shared/api/rest.ts";
import { curl } from "../../src/pages/shared/equivalents/curl.ts";
import { typescript } from "../../src/pages/shared/equivalents/typescript.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const root = join(import.meta.dirname, "../..");
const server = serveOnWorkerd();
const run = promisify(execFile);

/** Names that a shell, or TypeScript, would make something else of. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: that is the point
const NAMES = ['Alice\'s "phone"', "$(exit 1) `exit 1` $HOME", "\\' \\\" \\\\ !!", "${process.exit(1)} ✓ 日本"];

function registration(name: string, number: number, appInstanceUserArn: string) {
  return registerCall({
    appInstanceUserArn,
    resourceArn: RESOURCE_ARN,
    type: AppInstanceUserEndpointType.GCM,
    endpointAttributes: { deviceToken: `device-${number}` },
    clientRequestToken: `request-${number}`,
    name,
  });
}

describe("a call that was copied from the console", () => {
  it("does the same by curl, whatever the names are", async () => {
    const arn = freshUserArn();
    const env = { ...process.env, TOKEN: await localToken(arn.split("/").at(-1) ?? "") };
    const bash = async (text: string) => (await run("bash", ["-c", text], { env })).stdout;
    const { shown } = bearer("");
    for (const [number, name] of NAMES.entries()) {
      const text = curl(server.url, restRequest(registration(name, number, arn)), shown);
      expect(await bash(text)).toContain("HTTP/1.1 201 Created");
    }
    const listed = await bash(curl(server.url, restRequest(listCall({ appInstanceUserArn: arn })), shown));
    const { AppInstanceUserEndpoints } = JSON.parse(listed.split("\r\n\r\n")[1] ?? "");
    expect(AppInstanceUserEndpoints.map(({ Name }: { Name: string }) => Name)).toEqual(NAMES);
  });

  it("makes by curl a body that is too long to print", async () => {
    const request = { ...restRequest(registration("x", 1, freshUserArn())), body: "x".repeat(128 * 1_024 + 1) };
    const { stdout } = await run("bash", ["-c", curl(server.url, request)]);
    expect(stdout).toContain("HTTP/1.1 413");
  });

  it("does the same by the TypeScript client", async () => {
    const arn = freshUserArn();
    const env = { ...process.env, TOKEN: await localToken(arn.split("/").at(-1) ?? "") };
    const file = join(root, `.console-example-${process.pid}.ts`);
    try {
      for (const [number, name] of NAMES.entries()) {
        const text = typescript(server.url, registration(name, number, arn), bearer("")) ?? "";
        writeFileSync(file, text.replace('"rollcall-client"', '"./dist/client/index.js"'));
        const { stdout } = await run(process.execPath, [file], { env });
        expect(stdout).toMatch(/endpointId: '[\w-]{36}'/);
      }
    } finally {
      rmSync(file, { force: true });
    }
  });
});
