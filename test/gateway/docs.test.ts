import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { exampleOf, withoutIds } from "../support/examples.ts";
import { gatewayTo } from "../support/gateway.ts";
import { serve } from "../support/server.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = "docs/grpc.md";
const run = promisify(execFile);

const server = serve();
const gateway = gatewayTo(() => server.url);

function at(code: string): string {
  expect(code).toContain("http://localhost:50051");
  return code.replaceAll("http://localhost:50051", gateway.url);
}

it("the examples for buf and for TypeScript answer as printed", async () => {
  const shell = exampleOf(PAGE, "sh", "buf curl");
  const { stdout } = await run("bash", ["-c", at(shell.code)], { cwd: ROOT });
  expect(withoutIds(stdout)).toBe(withoutIds(shell.answer));

  const script = exampleOf(PAGE, "ts", "createGrpcTransport");
  await run(process.execPath, ["scripts/build-client.ts"], { cwd: ROOT });
  const file = join(ROOT, `.grpc-example-${process.pid}.ts`);
  try {
    writeFileSync(file, at(script.code).replace("rollcall-client/descriptors", "./dist/client/descriptors.js"));
    const env = { ...process.env, TOKEN: await localToken("alice") };
    expect((await run(process.execPath, [file], { env })).stdout).toBe(script.answer);
  } finally {
    rmSync(file);
  }
});
