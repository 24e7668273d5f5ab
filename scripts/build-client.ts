/**
 * `npm run build:client`: builds the package rollcall-client into dist/client, from where `npm publish` or `npm pack`
 * takes it. Its version, licence and dependencies are those of the root, whose tests it passed with them.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const SOURCE = join(ROOT, "src/client");
const PACKAGE = join(ROOT, "dist/client");

const root = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const pinned: Record<string, string> = { ...root.dependencies, ...root.devDependencies };

const manifest = {
  name: "rollcall-client",
  version: root.version,
  description: "The client of Rollcall, the register of push endpoints: for Node, Workers and browsers.",
  license: root.license,
  type: "module",
  sideEffects: false,
  engines: { node: ">=20" },
  exports: {
    ".": entry("index"),
    "./senders": entry("senders"),
    "./descriptors": entry("descriptors"),
    "./package.json": "./package.json",
  },
  dependencies: compatible("@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web", "aws4fetch"),
};

rmSync(PACKAGE, { recursive: true, force: true });
execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--project", SOURCE], {
  stdio: "inherit",
});
copyFileSync(join(SOURCE, "README.md"), join(PACKAGE, "README.md"));
copyFileSync(join(ROOT, "LICENSE"), join(PACKAGE, "LICENSE"));
writeFileSync(join(PACKAGE, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);

console.log(`dist/client is ${manifest.name} ${manifest.version}.`);

function entry(name: string) {
  return { types: `./${name}.d.ts`, default: `./${name}.js` };
}

function compatible(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `^${pinned[name]}`]));
}
