/** `npm run generate`: what the proto and the pages are made into, for the Worker, its clients and people. */
import { execSync } from "node:child_process";
import { join } from "node:path";
import { unlessFresh } from "./fresh.ts";

const ROOT = join(import.meta.dirname, "..");
const COMMANDS = ["buf generate", "buf generate --template src/gateway/buf.gen.yaml", "node scripts/assets.ts"];

unlessFresh("generated", ["src/gen", "src/client/gen", "src/gateway/gen", "dist/assets"], () => {
  for (const command of COMMANDS) {
    execSync(command, { cwd: ROOT, stdio: "inherit" });
  }
});
