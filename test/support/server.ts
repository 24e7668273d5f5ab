import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { createTestHarness } from "wrangler";

type Harness = ReturnType<typeof createTestHarness>;

/** The built Worker, serving while the tests of a file run. */
export interface Server {
  /** Without a slash at its end. */
  readonly url: string;
  readonly harness: Harness;
}

/** Serves the built Worker in local mode; `vars` are added to that, and a null takes one away. */
export function serve(vars: Record<string, string> = { LOCAL_MODE: "true" }): Server {
  const root = join(import.meta.dirname, "../..");
  const harness = createTestHarness({
    root,
    workers: [{ configPath: "./wrangler.toml", prebuiltWorkerDir: "./dist", vars }],
  });
  const server = { url: "", harness };
  beforeAll(async () => {
    const { url } = await harness.listen();
    server.url = url.origin;
  });
  afterAll(() => harness.close());
  return server;
}
