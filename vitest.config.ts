import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { writeWranglerConfig } from "./test/support/wrangler-config.ts";

/** How many random histories to play, and from which seed: for long runs, and to repeat one that failed. */
const { HISTORIES = "", SEED = "" } = process.env;

const BUILD = "./test/support/build.ts";
const BUILD_CLIENT = "./test/support/build-client.ts";
const SENDER_LIBRARIES = "./test/support/sender-libraries.ts";
const SENDER_EXAMPLE = "./test/support/sender-example.ts";
const APNS_SIMULATOR = "./test/support/apns-simulator.ts";
const PYTHON = "./test/support/python.ts";
const INSTALL_CLIENT = "./test/support/installed-client.ts";

/** What is waited for may take long on a busy machine, where vitest's own second is too short. */
const PATIENT = { poll: { timeout: 10_000 } };

interface Suite {
  readonly folders: string[];
  readonly globalSetup: string[];
  readonly alias?: Record<string, string>;
  /** In milliseconds; a minute where it is absent. */
  readonly testTimeout?: number;
}

/**
 * The suites that run in Node, each by its folders of test. A test that is in none of them runs in workerd, with the
 * object's storage at hand. `npm test` is workerd and node; the others have commands of their own, because they take long
 * or need what an `npm ci` does not bring.
 */
const SUITES: Record<string, Suite> = {
  // Real clients against the built Worker, and what the repository promises.
  node: {
    folders: ["end-to-end", "openapi", "repository"],
    globalSetup: [BUILD, BUILD_CLIENT],
    alias: { "rollcall-client": join(import.meta.dirname, "src/client/index.ts") },
  },
  // gRPC's own clients, and hostile ones, against the gateway.
  gateway: { folders: ["gateway"], globalSetup: [BUILD] },
  // The short form of every attack.
  torture: { folders: ["torture"], globalSetup: [BUILD] },
  // What one machine bears for a while: memory, files, a receiver of events that is down, a move of the whole register; and
  // that nothing of it is left that was ended.
  machine: { folders: ["machine"], globalSetup: [BUILD, BUILD_CLIENT] },
  // nginx and Caddy in front of the server and the gateway, which are no npm packages.
  proxies: { folders: ["proxies"], globalSetup: [BUILD] },
  // Every order in which a device can change hands.
  model: { folders: ["model"], globalSetup: [] },
  // What Prometheus is told, by Prometheus itself.
  metrics: { folders: ["metrics"], globalSetup: [BUILD] },
  // The smallest form of the benchmark.
  bench: { folders: ["bench"], globalSetup: [] },
  // The client package as its users install it, for which npm asks the registry.
  package: { folders: ["package"], globalSetup: [BUILD, INSTALL_CLIENT] },
  // What senders' own libraries answer, for which npm asks the registry.
  senders: { folders: ["senders"], globalSetup: [BUILD, SENDER_LIBRARIES, SENDER_EXAMPLE] },
  // The repository as npm of several versions installs it, for which npm asks the registry.
  npm: { folders: ["npm"], globalSetup: [] },
  // What others run: a build by itself, its image and its service, and what a release holds.
  release: { folders: ["release"], globalSetup: [BUILD] },
  // The programs of docs/aws-sdks.md, with the tools of their languages: a first build compiles an SDK.
  sdks: { folders: ["sdks"], globalSetup: [BUILD], testTimeout: 900_000 },
  // A push from the phone that registers to the user who is erased, with an APNs in Java and with boto3.
  story: {
    folders: ["story"],
    globalSetup: [BUILD, PYTHON, SENDER_LIBRARIES, SENDER_EXAMPLE, APNS_SIMULATOR],
    testTimeout: 300_000,
  },
  // What is generated for other languages, with their toolchains.
  "interop-all": { folders: ["interop-all"], globalSetup: [BUILD], testTimeout: 300_000 },
  // In Chromium, which is not an npm package.
  browser: { folders: ["browser"], globalSetup: [BUILD] },
};

function filesIn(folders: readonly string[]): string[] {
  return folders.map((folder) => `test/${folder}/**/*.test.ts`);
}

export default defineConfig({
  test: {
    // What a test writes is of use where it failed.
    silent: "passed-only",
    // By default one processor is left idle, which may be one of two.
    maxWorkers: "100%",
    // A slower test is printed by name, and of the others a line for each file.
    slowTestThreshold: 3_000,
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: writeWranglerConfig() },
            miniflare: { bindings: { LOCAL_MODE: "true", HISTORIES, SEED } },
          }),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.test.ts"],
          exclude: filesIn(Object.values(SUITES).flatMap(({ folders }) => folders)),
          // A runtime for every file would take longer to start than most files to run.
          isolate: false,
          testTimeout: 60_000,
          expect: PATIENT,
        },
      },
      ...Object.entries(SUITES).map(([name, { folders, globalSetup, alias = {}, testTimeout = 60_000 }]) => ({
        resolve: { alias },
        test: {
          name,
          include: filesIn(folders),
          globalSetup,
          // Importing wrangler alone takes a second.
          isolate: false,
          testTimeout,
          hookTimeout: 60_000,
          expect: PATIENT,
        },
      })),
    ],
  },
});
