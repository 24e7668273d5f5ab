import type { Caller } from "../../model/caller.ts";
import type { Throttled } from "../../model/failure.ts";

/** A rate limit of the runtime's. Source: developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit */
export type CallerRate = Pick<RateLimit, "limit">;

/** What the binding CALLER_RATE counts over (wrangler.toml), and so the longest wait: it doesn't tell how much is left. */
const PERIOD_MS = 10_000;

/**
 * A coarse shield against one key that walks through a million ARNs, each with an object to wake: counted by caller,
 * for each of Cloudflare's locations by itself. Every bearer of a token counts by itself, for all of an app's users
 * have the same issuer.
 */
export async function withinRate(
  { principal, claims }: Caller,
  rate: CallerRate | undefined,
): Promise<Throttled | undefined> {
  const outcome = await rate?.limit({ key: JSON.stringify([principal, claims.get("sub") ?? ""]) });
  return outcome === undefined || outcome.success
    ? undefined
    : { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: PERIOD_MS };
}
