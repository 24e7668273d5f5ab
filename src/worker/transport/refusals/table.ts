/**
 * Every reason for which a call is refused, in the order in which a call meets them: who refuses, which operations answer
 * it, an example, and what a person is told: which member, which rule, what to do. Nobody is told a value of the
 * caller's, because that could be a device token, but the host that a signature was checked for; members are named as the
 * caller's wire spells them.
 *
 * The compiler knows which reason is forgotten. A kind becomes an error of a protocol in rest/errors and rpc/errors.
 */
import { OF_ARRIVALS } from "./of-arrivals.ts";
import { OF_CALLS } from "./of-calls.ts";
import { OF_CREDENTIALS } from "./of-credentials.ts";
import { OF_USERS } from "./of-users.ts";
import type { Refusals } from "./refusal.ts";

export const REFUSALS: Refusals = { ...OF_ARRIVALS, ...OF_CREDENTIALS, ...OF_CALLS, ...OF_USERS };
