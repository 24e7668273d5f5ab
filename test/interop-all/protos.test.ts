import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localToken } from "../../src/command/local.ts";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { bash, protoUser } from "../support/proto-user.ts";
import { serve } from "../support/server.ts";

const PAGE = "docs/protos.md";
const ROOT = join(import.meta.dirname, "../..");

/** Newer ones come at any time. */
const VERSIONS = { "protoc-gen-go": "v1.36.12", "protoc-gen-connect-go": "v1.21.1" };

const server = serve();
const folder = protoUser();

describe("docs/protos.md", () => {
  it("generates a client for Go that answers as printed", async () => {
    const program = exampleOf(PAGE, "go", "package main").code;
    writeFileSync(join(folder, "buf.gen.yaml"), exampleOf(PAGE, "yaml", "protoc-gen-go").code);
    writeFileSync(join(folder, "main.go"), at(server.url, program));
    const { code, answer } = exampleOf(PAGE, "sh", "go mod init");
    const pinned = Object.entries(VERSIONS).reduce(
      (text, [tool, version]) => text.replace(new RegExp(`/${tool}\\b`), `/${tool}@${version}`),
      code,
    );
    const told = await bash(folder, pinned, { TOKEN: await localToken("alice") });
    expect(withoutIds(told)).toBe(withoutIds(answer));
  });

  it("generates one by which the sender of docs/senders.md answers as printed", async () => {
    await bash(ROOT, at(server.url, exampleOf("README.md", "sh", "curl").code));
    writeFileSync(join(folder, "main.go"), at(server.url, exampleOf("docs/senders.md", "go", "package main").code));
    const { code, answer } = exampleOf("docs/senders.md", "sh", "go run .");
    const told = await bash(folder, `go mod tidy\n${code}`, { TOKEN: await localToken("alice") });
    // A line for each of alice's devices: curl's, and the one that the client before this registered.
    expect(withoutIds(told).split("\n")).toEqual([withoutIds(answer), withoutIds(answer)]);
  });
});
