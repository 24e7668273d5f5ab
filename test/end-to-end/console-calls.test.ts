/** What the console offers to copy, run as it stands. */
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as sdk from "@aws-sdk/client-chime-sdk-identity";
import { create, type DescField, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessageGet, reflect } from "@bufbuild/protobuf/reflect";
import { describe, expect, it } from "vitest";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY, localToken } from "../../src/command/local.ts";
import { AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { type Call, listCall, registerCall } from "../../src/pages/shared/api/call.ts";
import { connectRequest } from "../../src/pages/shared/api/connect-request.ts";
import { bearer } from "../../src/pages/shared/api/credentials.ts";
import { restRequest } from "../../src/pages/shared/api/rest.ts";
import { unknownToAws } from "../../src/pages/shared/equivalents/aws-model.ts";
import { curl } from "../../src/pages/shared/equivalents/curl.ts";
import { curlSigned } from "../../src/pages/shared/equivalents/curl-signed.ts";
import { typescript } from "../../src/pages/shared/equivalents/typescript.ts";
import { REST } from "../../src/worker/transport/messages/dialect.ts";
import { OPERATIONS } from "../../src/worker/transport/operations.ts";
import { ownCalls } from "../support/console-calls.ts";
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

  it("does by curl what AWS's clients do not know, by a token and by a signature", async () => {
    const local = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
    const keys = { AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY };
    const texts: ((call: Call) => string | undefined)[] = [
      (call) => curl(server.url, restRequest(call), bearer("").shown),
      (call) => curl(server.url, connectRequest(call), bearer("").shown),
      (call) => curlSigned(server.url, call, bearer("", local)),
      (call) => curlSigned(server.url, call, bearer("", "theirs")),
    ];
    for (const text of texts) {
      const arn = freshUserArn();
      const env = { ...process.env, ...keys, TOKEN: await localToken(arn.split("/").at(-1) ?? "") };
      for (const [call, answer] of await ownCalls(server.url, arn)) {
        const { stdout } = await run("bash", ["-c", text(call) ?? ""], { env });
        expect(stdout).toContain("HTTP/1.1 200 OK");
        expect(stdout).toContain(answer);
      }
    }
  });

  it("does the same by the TypeScript client", async () => {
    const arn = freshUserArn();
    const runTypeScript = await typeScriptFor(arn);
    for (const [number, name] of NAMES.entries()) {
      expect(await runTypeScript(registration(name, number, arn))).toMatch(/endpointId: '[\w-]{36}'/);
    }
    for (const [call, answer] of await ownCalls(server.url, arn)) {
      expect(await runTypeScript(call)).toContain(answer);
    }
  });
});

/** Runs a call's text for the client, as that user. */
async function typeScriptFor(arn: string): Promise<(call: Call) => Promise<string>> {
  const env = { ...process.env, TOKEN: await localToken(arn.split("/").at(-1) ?? "") };
  const file = join(root, `.console-example-${process.pid}.ts`);
  return async (call) => {
    try {
      const text = typescript(server.url, call, bearer("")) ?? "";
      writeFileSync(file, text.replace('"rollcall-client"', '"./dist/client/index.js"'));
      return (await run(process.execPath, [file], { env })).stdout;
    } finally {
      rmSync(file, { force: true });
    }
  };
}

describe("the console", () => {
  it("knows which operations, and which members of them, AWS's model has", () => {
    const model = sdk as unknown as Record<string, unknown>;
    for (const operation of OPERATIONS) {
      const { method, name } = operation;
      const call = { method, operation, request: create(method.input) };
      expect([name, unknownToAws(call) === undefined]).toEqual([name, `${name}Command` in sdk]);
      const [, , , , members = []] = (model[`${name}Request$`] ?? []) as string[][];
      for (const member of `${name}Command` in sdk ? method.input.fields : []) {
        const request = create(method.input);
        reflect(method.input, request).set(member, anyOf(member));
        const isKnown = unknownToAws({ ...call, request }) === undefined;
        expect([member.toString(), isKnown]).toEqual([member.toString(), members.includes(REST.names(member)[0])]);
      }
    }
  });
});

/** Anything that a member can be. */
function anyOf(member: DescField): ReflectMessageGet {
  return member.message
    ? reflect(member.message)
    : member.fieldKind === "scalar" && member.scalar === ScalarType.STRING
      ? "x"
      : 1;
}
