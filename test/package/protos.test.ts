import { globSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import root from "../../package.json" with { type: "json" };
import { localToken } from "../../src/command/local.ts";
import { at, exampleOf, withoutIds } from "../support/examples.ts";
import { bash, protoUser } from "../support/proto-user.ts";
import { serve } from "../support/server.ts";
import { complaints, NODE } from "../support/type-check.ts";

const PAGE = "docs/protos.md";
/** What the page calls the repository of Rollcall. */
const REPOSITORY = "https://git.example.com/rollcall.git";

const server = serve();
const folder = protoUser();

/** Names of packages, at the root's own versions: newer ones come at any time. */
function pinned(code: string): string {
  const versions: Record<string, string> = { ...root.dependencies, ...root.devDependencies };
  return code.replace(/(?<= )@[\w/-]+/g, (name) => `${name}@${versions[name] ?? expect.fail(`${name} is not pinned`)}`);
}

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: folder }).toSorted();
}

describe("docs/protos.md, by what npm installs", () => {
  beforeAll(async () => {
    writeFileSync(join(folder, "buf.gen.yaml"), exampleOf(PAGE, "yaml", "protoc-gen-es").code);
    await bash(folder, pinned(exampleOf(PAGE, "sh", "npx buf generate").code));
  });

  it("generates a client for TypeScript that answers as printed", async () => {
    const { code, answer } = exampleOf(PAGE, "ts", "createConnectTransport");
    writeFileSync(join(folder, "client.ts"), at(server.url, code));
    expect(complaints(folder, "client.ts", NODE)).toBe("");
    const told = await bash(folder, "node client.ts", { TOKEN: await localToken("alice") });
    expect(withoutIds(told)).toBe(withoutIds(answer));
  });

  it("lints a copy of the protos", async () => {
    writeFileSync(join(folder, "buf.yaml"), exampleOf(PAGE, "yaml", "lint:").code);
    expect(await bash(folder, "npx buf lint")).toBe("");
    rmSync(join(folder, "buf.yaml"));
  });

  it("takes the protos from the git repository", async () => {
    const [copied, generated] = [files("proto/**/*.proto"), files("gen/**/*.js")];
    expect(copied).toHaveLength(8);
    const commit = `
      mkdir rollcall && cp -r proto rollcall && cd rollcall && git init --quiet && git add proto
      git -c user.name=R -c user.email=r@example.com commit --quiet --message protos && git tag v0.1.0
    `;
    await bash(folder, commit);
    const here = (code: string) => {
      expect(code).toContain(REPOSITORY);
      return code.replace(REPOSITORY, `file://${folder}/rollcall/.git`);
    };

    renameSync(join(folder, "proto"), join(folder, "copied"));
    await bash(folder, here(exampleOf(PAGE, "sh", "buf export").code));
    expect(files("proto/**/*.proto")).toEqual(copied);

    rmSync(join(folder, "proto"), { recursive: true });
    rmSync(join(folder, "gen"), { recursive: true });
    writeFileSync(join(folder, "buf.gen.yaml"), here(exampleOf(PAGE, "yaml", "git_repo").code));
    await bash(folder, "npx buf generate");
    expect(files("gen/**/*.js")).toEqual(generated);
  });
});
