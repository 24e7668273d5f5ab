// wrangler and the scripts need a newer Node than many machines have, so the project brings its own (see
// optionalDependencies). Plain JavaScript, so that a Node that is too old can still say so.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Rollcall needs Node 22.18 or newer; this is ${process.versions.node}. npm scripts use the Node that \`npm ci\` ` +
      "installs with the project. If you see this, that Node is not built for this machine, or optional dependencies " +
      "were left out: run `npm ci --include=optional`, or install a newer Node.",
  );
  process.exit(1);
}
