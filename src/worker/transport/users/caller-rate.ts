import { hash } from "node:crypto";
import type { Caller } from "../../model/caller.ts";
import type { Throttled } from "../../model/failure.ts";
import { CALLER_RATE_PERIOD_MS } from "../../model/limits.ts";
import { claimsIn } from "../../model/policy.ts";

/** A rate limit of the runtime's. Source: developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit */
export type CallerRate = Pick<RateLimit, "limit">;

/**
 * A coarse shield against one key that walks through a million ARNs, each with an object to wake: counted by caller,
 * for each of Cloudflare's locations by itself. Every bearer of a token counts by itself, because all of an app's users
 * have the same issuer: by `sub`, and where that is no text by the claims that the policy tells users apart by. The
 * binding does not say how much is left, so a caller is asked to wait for a whole period.
 */
export async function withinRate(key: string, rate: CallerRate | undefined): Promise<Throttled | undefined> {
  const outcome = await rate?.limit({ key });
  return outcome === undefined || outcome.success
    ? undefined
    : { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: CALLER_RATE_PERIOD_MS };
}

/** What a caller is counted by. Hashed, because claims are as long as their issuer likes, and concern nobody else. */
export function callerKey({ principal, policy, claims }: Caller): string {
  const subject = claims.get("sub") ?? claimsIn(policy).map((claim) => claims.get(claim) ?? null);
  return hash("sha256", JSON.stringify([principal, subject]));
}
