import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorkerd, type Workerd, type WorkerdOptions } from "../src/serve/workerd/start.ts";

/**
 * Starts a bundle in local mode on bare workerd, the runtime itself, with its data in a folder that goes when it stops:
 * `wrangler dev` is many times slower, and is not what is measured.
 */
export async function startTemporaryWorkerd(
  bundle: string,
  { variables, ...options }: Partial<Pick<WorkerdOptions, "variables" | "lines" | "under" | "isScraped">> = {},
): Promise<Workerd> {
  const data = mkdtempSync(join(tmpdir(), "rollcall-"));
  const worker = await startWorkerd({ bundle, data, variables: { LOCAL_MODE: "true", ...variables }, ...options });
  return {
    ...worker,
    stop: async (signal) => {
      await worker.stop(signal);
      rmSync(data, { recursive: true });
    },
  };
}
