import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, inject, it } from "vitest";
import root from "../../package.json" with { type: "json" };
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";

const { folder, files } = inject("installedClient");
const installed = join(folder, "node_modules/rollcall-client");
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

/** The modules of the package, each with its types. */
const MODULES = [
  ...[
    "attempt",
    "client",
    "credentials",
    "descriptors",
    "failure",
    "index",
    "launch",
    "read-error",
    "retry",
    "senders",
    "sign",
    "sign-out",
    "unanswered",
  ],
  ...["push-services/answer", "push-services/words"],
  ...["senders/batches", "senders/report", "senders/resolve", "senders/round", "senders/source"],
  ...["gen/buf/validate/validate_pb", "gen/google/api/annotations_pb", "gen/google/api/http_pb"],
  ...["gen/google/rpc/error_details_pb", "gen/rollcall/v1/app_instance_user_endpoint_pb"],
  ...["gen/rollcall/v1/app_instance_user_endpoint_service_pb", "gen/rollcall/v1/options_pb"],
];

describe("the packed client", () => {
  it("holds its own modules and nothing of the Worker", () => {
    const modules = MODULES.flatMap((name) => [`${name}.js`, `${name}.d.ts`]);
    expect(files.toSorted()).toEqual(["LICENSE", "README.md", "package.json", ...modules].toSorted());
  });

  it("has the version and the licence of the root", () => {
    expect(manifest).toMatchObject({ name: "rollcall-client", version: root.version, license: root.license });
  });

  it("brings what it speaks the wire with, a signer, and nothing else", () => {
    const names = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
    const packages = names.flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(folder, "node_modules", name)).map((scoped) => `${name}/${scoped}`)
        : name,
    );
    expect(packages.toSorted()).toEqual([
      "@bufbuild/protobuf",
      "@connectrpc/connect",
      "@connectrpc/connect-web",
      "aws4fetch",
      "rollcall-client",
    ]);
  });

  it("imports only what it declares, and nothing of Node's or the Workers' own", () => {
    const modules = files.filter((file) => /\.(js|d\.ts)$/.test(file));
    const imported = modules.flatMap((file) =>
      Array.from(
        readFileSync(join(installed, file), "utf8").matchAll(
          /^(?:import|export) [^;]*?from "([^".][^"]*)"|import\("([^".][^"]*)"\)/gm,
        ),
        ([, from, dynamic]) => from ?? dynamic ?? "",
      ),
    );
    const packages = new Set(
      imported.map((name) =>
        name
          .split("/")
          .slice(0, name.startsWith("@") ? 2 : 1)
          .join("/"),
      ),
    );
    expect([...packages].toSorted()).toEqual(Object.keys(manifest.dependencies).toSorted());
  });

  it("loads the signer for those who sign, and for nobody else", () => {
    const { outputFiles } = buildSync({
      stdin: { contents: 'export * from "rollcall-client";', resolveDir: folder },
      ...{ bundle: true, splitting: true, write: false, format: "esm", platform: "browser", outdir: folder },
    });
    const signing = outputFiles
      .filter(({ text }) => text.includes("AWS4-HMAC-SHA256"))
      .map(({ path }) => basename(path));
    expect(signing).toEqual([expect.stringMatching(/^sign-\w+\.js$/)]);
  });

  it("keeps what only senders need out of what apps load, whether or not their bundler leaves out what is not used", () => {
    for (const treeShaking of [true, false]) {
      const { outputFiles } = buildSync({
        stdin: { contents: 'export * from "rollcall-client";', resolveDir: folder },
        ...{ bundle: true, write: false, format: "esm", platform: "browser", treeShaking },
      });
      const [{ text = "" } = {}] = outputFiles;
      expect(text).toContain("registerAtLaunch");
      expect(text).not.toContain("BadDeviceToken");
      expect(text).not.toContain("reportFailures");
    }
  });

  it("has the service's descriptor", () => {
    const program = `
      import { AppInstanceUserEndpointService } from "rollcall-client/descriptors";
      console.log(AppInstanceUserEndpointService.methods.map(({ name }) => name).join());
    `;
    const args = ["--input-type=module", "--eval", program];
    expect(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim()).toBe(
      AppInstanceUserEndpointService.methods.map(({ name }) => name).join(),
    );
  });
});
