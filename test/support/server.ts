import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { createTestHarness } from "wrangler";
import { WORKER_FOLDER } from "./build.ts";
import { WRANGLER_CONFIG } from "./wrangler-config.ts";

// A harness would ask the internet what `request.cf` holds, which nothing here reads.
process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";

type Harness = ReturnType<typeof createTestHarness>;

/** The built Worker, serving while the tests of a file run. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  readonly harness: Harness;
}

/** Serves the built Worker, in local mode unless other variables are given. */
export function serve(vars?: Record<string, string>, configPath?: string): Server {
  const harness = harnessWith(vars, configPath);
  const server = { url: "", harness };
  beforeAll(async () => {
    const { url } = await harness.listen();
    server.url = url.origin;
  });
  afterAll(() => harness.close());
  return server;
}

/** The built Worker, not yet started. */
export function harnessWith(
  vars: Record<string, string> = { LOCAL_MODE: "true" },
  configPath = WRANGLER_CONFIG,
): Harness {
  const root = join(import.meta.dirname, "../..");
  return createTestHarness({
    root,
    workers: [{ configPath, prebuiltWorkerDir: WORKER_FOLDER, vars }],
  });
}
