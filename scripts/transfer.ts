/** `npm run export` and `npm run import`: an app instance's endpoints, to a file and from one. See docs/moving.md. */
import { join } from "node:path";
import { buildSync } from "esbuild";
import { unlessFresh } from "./fresh.ts";

const COMMANDS = ["export", "import"];
const BUNDLES = new URL("../dist/transfer/", import.meta.url);

const [command = "", ...args] = process.argv.slice(2);

// Node does not run the client as it is, because its messages have enums.
unlessFresh("transfer", ["dist/transfer"], () => {
  buildSync({
    entryPoints: COMMANDS.map((name) => `src/transfer/${name}/main.ts`),
    absWorkingDir: join(import.meta.dirname, ".."),
    outdir: "dist/transfer",
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "warning",
  });
});
const { main } = await import(new URL(`${command}/main.js`, BUNDLES).href);
await main(args);
