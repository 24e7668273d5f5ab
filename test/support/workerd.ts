import { afterAll, beforeAll } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "./build.ts";

/**
 * Serves the built Worker on bare workerd while the tests of a file run, in local mode unless other variables are given.
 * It starts, and answers, in a fraction of the time that wrangler takes, whose harness is for tests of what wrangler does,
 * or that look into it.
 */
export function serveOnWorkerd(variables: Record<string, string> = { LOCAL_MODE: "true" }): { readonly url: string } {
  const server = { url: "" };
  let workerd: Workerd | undefined;
  beforeAll(async () => {
    workerd = await startTemporaryWorkerd(WORKER_BUNDLE, { variables: { LOCAL_MODE: "false", ...variables } });
    server.url = workerd.url;
  });
  afterAll(() => workerd?.stop());
  return server;
}
