/**
 * Has npm scripts find a Node that is new enough. It runs before each that may be the first, as a script of its own,
 * because a shell looks for `node` once. Plain JavaScript, so that a Node that is too old can run it.
 *
 * The project brings a Node along, as one optional package for each platform, and each has a command `node`. npm 10 takes
 * that command away together with the packages for other platforms; here it is put back.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";

const MODULES = new URL("../node_modules/", import.meta.url);
const COMMANDS = new URL(".bin/", MODULES);
const WINDOWS = process.platform === "win32";
const PROGRAM = WINDOWS ? "node.exe" : "node";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const brought = broughtNode();
  if (brought === undefined) {
    console.error(
      `Rollcall needs Node 22.18 or newer, and this is Node ${process.versions.node}. npm brings a newer one along for ` +
        "Linux and macOS on x64 and arm64, and for Windows on x64. On such a machine it is missing because optional " +
        "packages were left out, and `npm ci --include=optional` installs it. On any other, install Node 24 or newer.",
    );
    process.exit(1);
  }
  provide(PROGRAM, (command) =>
    WINDOWS ? linkSync(new URL(brought, MODULES), command) : symlinkSync(`../${brought}`, command),
  );
}
if (WINDOWS) {
  // In a POSIX shell `exec` is built in; scripts that run until they are told to end begin with it, so that npm's
  // signals reach them and not a shell in between.
  provide("exec.cmd", (command) => writeFileSync(command, "@%*\r\n"));
}

/** The Node of the one platform package that npm has installed, as a path in node_modules. */
function broughtNode() {
  const { optionalDependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const programs = Object.keys(optionalDependencies).map((name) => `${name}/bin/${PROGRAM}`);
  return programs.find((program) => existsSync(new URL(program, MODULES)));
}

/** Makes a command for npm scripts, unless it is there. */
function provide(name, make) {
  mkdirSync(COMMANDS, { recursive: true });
  try {
    make(new URL(name, COMMANDS));
  } catch (error) {
    // Another script may be doing the same at this moment.
    if (error.code !== "EEXIST") {
      throw error;
    }
  }
}
