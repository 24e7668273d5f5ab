import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { unstable_readConfig } from "wrangler";

/** How many random histories to play, and from which seed: for long runs, and to repeat one that failed. */
const { HISTORIES = "", SEED = "" } = process.env;

/** Tests run without CEL, as the bundle does, but with RE2, to which they hold the patterns. */
const alias = Object.entries<string>(unstable_readConfig({ config: "wrangler.toml" }).alias ?? {})
  .filter(([name]) => name !== "@bufbuild/re2")
  .map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: join(import.meta.dirname, path) }));

export default defineConfig({
  test: {
    projects: [
      {
        // In workerd, with the object's storage at hand.
        resolve: { alias },
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { LOCAL_MODE: "true", HISTORIES, SEED } },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: ["test/{bench,browser,end-to-end,gateway,interop-all,openapi,package,repository}/**"],
          testTimeout: 60_000,
        },
      },
      {
        // In Node: real clients against the built Worker, and what the repository promises.
        resolve: { alias: { "rollcall-client": join(import.meta.dirname, "src/client/index.ts") } },
        test: {
          name: "node",
          include: ["test/{bench,end-to-end,gateway,openapi,repository}/**/*.test.ts"],
          globalSetup: "./test/support/build.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The client package as its users install it. `npm test` leaves these out, because npm asks the registry.
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["./test/support/build.ts", "./test/support/installed-client.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What is generated for other languages, whose toolchains `npm test` does not ask for.
        test: {
          name: "interop-all",
          include: ["test/interop-all/**/*.test.ts"],
          globalSetup: "./test/support/build.ts",
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        // In Chromium, which is not an npm package: `npm test` leaves these out.
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: "./test/support/build.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
