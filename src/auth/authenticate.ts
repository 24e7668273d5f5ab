import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";

/** Who is calling: local mode lets every caller in, and without it nobody gets in. */
export function authenticate({ localMode }: { localMode: boolean }): Caller | Failure {
  return localMode ? { kind: "caller", principal: "local" } : { kind: "unauthenticated", reason: "LOCAL_MODE_OFF" };
}
