import { createRollcallClient, type RollcallClient } from "../client/index.ts";
import { ConfigError } from "../worker/model/config-error.ts";
import { credentialsIn } from "./credentials.ts";

/** How often a call is attempted, and how long it may take with all its waits: a server that is full is waited for. */
const ATTEMPTS_MAX = 8;
const CALL_MAX_MS = 5 * 60_000;

/** How many calls are under way at the same time. */
export const CALLS_AT_ONCE = 16;

export interface Caller {
  readonly rollcall: RollcallClient;
  /** What time it is at the server, in milliseconds since 1970: by its answers, to a second, or else by this machine's clock. */
  readonly serverNow: () => number;
}

/** Throws ConfigError where the URL or the environment is not good for calls. */
export function callerOf(url: string, env: NodeJS.ProcessEnv): Caller {
  let aheadMs: number | undefined;
  const fetchAndLook: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) {
      // The answer that was the least on its way says it best.
      aheadMs = Math.max(aheadMs ?? Number.NEGATIVE_INFINITY, date - Date.now());
    }
    return response;
  };
  try {
    const rollcall = createRollcallClient({
      ...{ baseUrl: url, credentials: credentialsIn(env), region: env.AWS_REGION || env.AWS_DEFAULT_REGION },
      ...{ maxAttempts: ATTEMPTS_MAX, defaultTimeoutMs: CALL_MAX_MS, fetch: fetchAndLook },
    });
    return { rollcall, serverNow: () => Date.now() + (aheadMs ?? 0) };
  } catch (error) {
    throw error instanceof TypeError ? new ConfigError(`--url is not good: ${error.message}.`) : error;
  }
}
