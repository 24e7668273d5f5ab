import { afterAll, beforeAll } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import type { Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "./build.ts";

interface ServerOnWorkerd {
  readonly url: string;
  /** What it has written: lines of requests, and bugs. */
  readonly log: string;
}

/**
 * Serves the built Worker on bare workerd while the tests of a file run, in local mode unless other variables are given.
 * It starts, and answers, in a fraction of the time that wrangler takes, whose harness is for tests of what wrangler does,
 * or that look into it.
 */
export function serveOnWorkerd(variables: Record<string, string> = { LOCAL_MODE: "true" }): ServerOnWorkerd {
  const server = { url: "", log: "" };
  let workerd: Workerd | undefined;
  beforeAll(async () => {
    const own = { LOCAL_MODE: "false", ...variables };
    workerd = await startTemporaryWorkerd(WORKER_BUNDLE, { variables: own, lines: "pipe" });
    for (const lines of [workerd.process.stdout, workerd.process.stderr]) {
      lines?.setEncoding("utf8").on("data", (chunk: string) => {
        server.log += chunk;
      });
    }
    server.url = workerd.url;
  });
  afterAll(() => workerd?.stop());
  return server;
}
