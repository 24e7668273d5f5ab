import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SERVE_FOLDER } from "../../scripts/build/serve.ts";
import { OWN_PLATFORM } from "../../scripts/build/workerd.ts";
import { healthOf, type ImageConfig, makeRoot, runImage } from "../support/image.ts";
import { MACHINES_NODE } from "../support/machines-node.ts";

const ROOT = join(import.meta.dirname, "../..");
const WORK = mkdtempSync(join(tmpdir(), "rollcall-image-"));

/** Whom the server lets in; without anybody it does not start. */
const PRINCIPAL_BACKEND = JSON.stringify({
  accessKeys: [{ accessKeyId: "AKIABACKEND000000001", secretAccessKey: "a-secret-access-key-of-forty-characters!" }],
  policy: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "chime:*", Resource: "*" } },
});

/** It keeps what it makes in a place of its own. */
function buildah(...args: string[]): string {
  const places = ["--root", join(WORK, "images"), "--runroot", join(WORK, "run"), "--storage-driver", "vfs"];
  return execFileSync("buildah", [...places, ...args], { encoding: "utf8", stdio: "pipe" }).trim();
}

const canBuild =
  process.platform === "linux" && process.getuid?.() === 0 && spawnSync("buildah", ["--version"]).status === 0;

afterAll(() => rmSync(WORK, { recursive: true }));

/** What the Dockerfile's first stage does after `npm ci`, which a suite of its own tries with npm of several versions. */
it("the image's context has all that a build is made of", () => {
  const context = join(WORK, "context");
  const letIn = readFileSync(join(ROOT, ".dockerignore"), "utf8").matchAll(/^!(.+)$/gm);
  for (const [, path = ""] of letIn) {
    cpSync(join(ROOT, path), join(context, path), { recursive: true, filter: (file) => !file.endsWith("/gen") });
  }
  symlinkSync(join(ROOT, "node_modules"), join(context, "node_modules"));
  const command = ["run", "build", "--", "--out", join(WORK, "built"), "--platform", OWN_PLATFORM];
  const { status, stderr } = spawnSync("npm", command, { cwd: context, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

describe.skipIf(!canBuild)("the image", () => {
  let root: string;
  let config: ImageConfig;
  beforeAll(() => {
    // In the place of the images that registries have, and of the first stage.
    const [stand, built] = [join(WORK, "stand"), join(WORK, "stage")];
    makeRoot(stand, MACHINES_NODE, join(SERVE_FOLDER, "workerd"));
    writeFileSync(join(WORK, "Dockerfile"), "FROM scratch\nCOPY stand /\n");
    buildah("bud", "--tag", "localhost/stand", "--file", join(WORK, "Dockerfile"), WORK);
    cpSync(SERVE_FOLDER, join(built, "build/rollcall"), { recursive: true });
    mkdirSync(join(built, "build/data"));
    for (const folder of ["etc/ssl/certs", "usr/share/ca-certificates"]) {
      cpSync(join("/", folder), join(built, folder), { recursive: true, verbatimSymlinks: true });
    }
    const args = ["--build-arg", "IMAGE=localhost/stand", "--build-context", `build=${built}`];
    const file = join(ROOT, "deploy/Dockerfile");
    buildah("bud", "--pull-never", "--format", "docker", ...args, "--tag", "localhost/rollcall", "--file", file, ROOT);
    root = buildah("mount", buildah("from", "--pull-never", "localhost/rollcall"));
    config = JSON.parse(buildah("inspect", "--type", "image", "localhost/rollcall")).Docker.config;
  }, 180_000);

  it("serves from a root that can't be written to, as nobody's user, is healthy, and ends when it is told to", async () => {
    expect(config).toMatchObject({ User: "10001:10001", Volumes: { "/data": {} } });
    const server = runImage(root, config, { PRINCIPAL_BACKEND });
    let said = "";
    for (const stream of [server.stdout, server.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
      });
    }
    try {
      await expect.poll(() => said, { timeout: 20_000 }).toContain("Rollcall serves");
      expect(await healthOf(server, config)).toBe(0);
      expect(readFileSync(`/proc/${server.pid}/status`, "utf8")).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m);
    } finally {
      server.kill();
      await once(server, "exit");
    }
    expect(server.exitCode).toBe(0);
  });

  it("is not healthy where nobody serves", async () => {
    const idle = runImage(root, { ...config, Cmd: ["-e", "console.log('idle'); setTimeout(() => {}, 60_000)"] }, {});
    try {
      await once(idle.stdout ?? idle, "data");
      expect(await healthOf(idle, config)).toBe(1);
    } finally {
      idle.kill();
    }
  });

  it("has the authorities by which certificates are checked, where workerd looks for them", () => {
    const links = readdirSync(join(root, "etc/ssl/certs")).filter((name) => /^[\da-f]{8}\.0$/.test(name));
    expect(links.length).toBeGreaterThan(50);
    const [first = ""] = links;
    const target = execFileSync("chroot", [root, "node", "-p", `fs.realpathSync("/etc/ssl/certs/${first}")`], {
      encoding: "utf8",
    });
    expect(target).toMatch(/^\/usr\/share\/ca-certificates\//);
  });
});
