import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // In workerd, with the object's storage at hand.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { LOCAL_MODE: "true" } },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: ["test/browser/**", "test/end-to-end/**", "test/repository/**"],
        },
      },
      {
        // In Node: real clients against the built Worker, and what the repository promises.
        test: {
          name: "node",
          include: ["test/end-to-end/**/*.test.ts", "test/repository/**/*.test.ts"],
          globalSetup: "./test/support/build.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // In Node and in Chromium, which is not an npm package: `npm test` leaves these out.
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
