import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isPlatform, OWN_PLATFORM, workerdFor } from "../../scripts/build/workerd.ts";
import { makeRelease } from "../../scripts/release/folder.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = mkdtempSync(join(tmpdir(), "rollcall-release-test-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

describe.skipIf(!isPlatform(OWN_PLATFORM))("a release", () => {
  const serve = `rollcall-serve-${version}-${OWN_PLATFORM.replace("/", "-")}.tar.gz`;
  beforeAll(() => makeRelease(FOLDER, version, isPlatform(OWN_PLATFORM) ? [OWN_PLATFORM] : []), 180_000);

  it("holds builds, client, protos, OpenAPI, bill of materials, and their checksums", () => {
    const files = [
      "SHA256SUMS",
      `rollcall-${version}.cdx.json`,
      `rollcall-client-${version}.tgz`,
      `rollcall-openapi-${version}.json`,
      `rollcall-protos-${version}.tar.gz`,
      serve,
    ];
    expect(readdirSync(FOLDER).toSorted()).toEqual(files);
    const checked = execFileSync("sha256sum", ["--check", "SHA256SUMS"], { cwd: FOLDER, encoding: "utf8" });
    expect(checked.trim().split("\n").toSorted()).toEqual(files.slice(1).map((file) => `${file}: OK`));
  });

  it("has a build that runs where it is unpacked", () => {
    execFileSync("tar", ["-xzf", serve], { cwd: FOLDER });
    const program = join(FOLDER, serve.replace(".tar.gz", ""), "serve.mjs");
    expect(execFileSync(process.execPath, [program, "--help"], { encoding: "utf8" })).toContain("node serve.mjs");
    rmSync(join(program, ".."), { recursive: true });
  });

  it("lists what is shipped, each with its hash and its licence, and no registry", () => {
    const text = readFileSync(join(FOLDER, `rollcall-${version}.cdx.json`), "utf8");
    const { bomFormat, metadata, components } = JSON.parse(text);
    expect(bomFormat).toBe("CycloneDX");
    expect(metadata.component).toMatchObject({ name: "rollcall", version });
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["@connectrpc/connect-node", "hono", "jose", "workerd"]));
    expect(names).not.toContain("wrangler");
    for (const component of components) {
      expect(component).toMatchObject({ hashes: [{ alg: "SHA-512" }], licenses: [expect.anything()] });
    }
    expect(text).not.toContain('"distribution"');
  });
});

it("can be made for a machine of another kind, with the workerd of the lockfile", () => {
  const program = openSync(workerdFor("linux/arm64"), "r");
  const header = Buffer.alloc(20);
  readSync(program, header);
  closeSync(program);
  expect(header.subarray(1, 4).toString()).toBe("ELF");
  // EM_AARCH64 of elf.h
  expect(header.readUInt16LE(18)).toBe(183);
});

it("has the version that the changelog begins with, unless that is yet to be released", () => {
  const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  const [, newest = "", date] = /^## (\S+)(?: \((\d{4}-\d\d-\d\d)\))?$/m.exec(changelog) ?? [];
  expect(["Unreleased", `${version} of a day`]).toContain(date === undefined ? newest : `${newest} of a day`);
});
