/** The runtime, and what is served with it beside the Worker. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Runtime {
  /** workerd itself. */
  readonly program: string;
  /** The folder of the pages. */
  readonly assets: string;
  readonly compatibilityDate: string;
}

/** What `npm ci` and `npm run generate` put into a clone. */
export function runtimeOfClone(): Runtime {
  const root = join(import.meta.dirname, "../../..");
  return {
    program: join(root, "node_modules/workerd/bin/workerd"),
    assets: join(root, "dist/assets"),
    compatibilityDate: compatibilityDateOf(join(root, "wrangler.toml")),
  };
}

export function compatibilityDateOf(wranglerToml: string): string {
  const date = /^compatibility_date = "(.+)"$/m.exec(readFileSync(wranglerToml, "utf8"))?.[1];
  if (date === undefined) {
    throw new Error("wrangler.toml has no compatibility_date");
  }
  return date;
}
