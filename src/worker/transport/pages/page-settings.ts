import { version } from "../../../../package.json";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY, LOCAL_TOKENS } from "../../auth/local-principals.ts";
import type { Config } from "../../config.ts";
import type { PageSettings } from "../../model/page-settings.ts";

/** The settings as SETTINGS_PATH tells them. */
export function pageSettings(config: Config): PageSettings {
  const { pages, localMode, endpointsPerUser, operationRate, adopts, devices, staleAfterMs } = config;
  const local = localMode && {
    localTokens: LOCAL_TOKENS,
    localAccessKey: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
  };
  // JSON has no infinity.
  const stale = Number.isFinite(staleAfterMs) && { staleAfterMs };
  const moves = devices === "move";
  return { version, pages, localMode, endpointsPerUser, operationRate, adopts, moves, ...stale, ...local };
}
