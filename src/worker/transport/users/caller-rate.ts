import { hash } from "node:crypto";
import type { Caller } from "../../model/caller.ts";
import type { Failure } from "../../model/failure.ts";
import { CALLER_RATE_PERIOD_MS } from "../../model/limits.ts";
import { claimsIn } from "../../model/policy.ts";
import type { RequestEvent } from "../reporting/request-event.ts";

/** A rate limit of the runtime's. Source: developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit */
export type CallerRate = Pick<RateLimit, "limit">;

/**
 * Lets a caller in, if it is known who that is, and who does not call too often. The log is told who it was in any case.
 *
 * The rate is a coarse shield against one key that walks through a million ARNs, each with an object to wake: counted by caller,
 * for each of Cloudflare's locations by itself. Every bearer of a token counts by itself, because all of an app's users
 * have the same issuer: by `sub`, and where that is no text by the claims that the policy tells users apart by. The
 * binding does not say how much is left, so a caller is asked to wait for a whole period.
 */
export async function admit(
  caller: Caller | Failure,
  rate: CallerRate | undefined,
  event: RequestEvent,
): Promise<Caller | Failure> {
  if (caller.kind !== "caller") {
    return caller;
  }
  event.principal = caller.principal;
  const outcome = await rate?.limit({ key: callerKey(caller) });
  return outcome === undefined || outcome.success
    ? caller
    : { kind: "throttled", reason: "CALLER_RATE_EXCEEDED", retryAfterMs: CALLER_RATE_PERIOD_MS };
}

/** What a caller is counted by. Hashed, because claims are as long as their issuer likes, and concern nobody else. */
export function callerKey(caller: Caller): string {
  const key = keys.get(caller) ?? hash("sha256", JSON.stringify([caller.principal, subjectOf(caller)]));
  keys.set(caller, key);
  return key;
}

/** Those of access keys call again and again, and of all others a call may ask twice. */
const keys = new WeakMap<Caller, string>();

function subjectOf({ policy, claims }: Caller): unknown {
  return claims.get("sub") ?? claimsIn(policy).map((claim) => claims.get(claim) ?? null);
}
