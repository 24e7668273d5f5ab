import type { Rate } from "./rate.ts";

/** Where pages ask for them. */
export const SETTINGS_PATH = "/settings.json";

/**
 * What pages are told of the server besides the API, to whoever may see them: what callers find out by being refused,
 * and no secret but those that everybody knows.
 */
export interface PageSettings {
  readonly version: string;
  /** The pages that are served. */
  readonly pages: readonly string[];
  readonly localMode: boolean;
  /** How many live endpoints a user may have. */
  readonly endpointsPerUser: number;
  /** Of each operation, for each user. */
  readonly operationRate: Rate;
  /** Whether a device that is registered again is the same endpoint; else that is a conflict. */
  readonly adopts: boolean;
  /** Whether a device has one user at a time, so that an endpoint may be INACTIVE because another user has the device. */
  readonly moves: boolean;
  /** How long after its app last named its token an endpoint is stale; absent: never. */
  readonly staleAfterMs?: number;
  /** In local mode alone: what a page makes a token with, as `npm run token` does. */
  readonly localTokens?: { readonly issuer: string; readonly audience: string; readonly secret: string };
  /** In local mode alone: an access key that may do everything, for clients that sign. */
  readonly localAccessKey?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
