import { ConfigError } from "../model/config-error.ts";
import { shareIn } from "../model/share.ts";

/** How much of the successes is logged: a share from 0 to 1, all where it is absent. Throws ConfigError. */
export function readLogSuccesses({ LOG_SUCCESSES }: { readonly LOG_SUCCESSES?: string }): number {
  const share = shareIn(LOG_SUCCESSES || "all");
  if (share === undefined) {
    throw new ConfigError("LOG_SUCCESSES must be all, none, or a number from 0 to 1");
  }
  return share;
}
