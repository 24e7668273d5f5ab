import { version } from "../../package.json";
import { LOCAL_TOKENS } from "../auth/local-principals.ts";
import type { Config } from "../config.ts";
import type { PageSettings } from "../model/page-settings.ts";

/** The settings as /console/settings.json tells them. */
export function pageSettings({ pages, localMode, endpointsPerUser, operationRate }: Config): PageSettings {
  const localTokens = localMode && { localTokens: LOCAL_TOKENS };
  return { version, pages, localMode, endpointsPerUser, operationRate, ...localTokens };
}
