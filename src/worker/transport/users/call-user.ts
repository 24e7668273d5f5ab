import type { Failure, Unavailable } from "../../model/failure.ts";
import type { Placement } from "../../model/placement.ts";
import type {
  Answer,
  RequestOf,
  ResponseOf,
  Success,
  UserNamespace,
  UserObject,
  UserRpc,
} from "../../model/user-rpcs.ts";
import { objectFor } from "../../objects/place.ts";
import { reach, whyUnreached } from "../../objects/reach.ts";
import { REFUSALS } from "../refusals/table.ts";
import type { UserCall } from "./user-call.ts";

/** What a caller is asked to wait when a user's object can't serve it. */
const RETRY_AFTER_MS = 1_000;

/** Why an object of this version refuses: another reason comes from a neighbouring version. */
const REASONS: ReadonlySet<string> = new Set(
  Object.entries(REFUSALS).flatMap(([reason, { by }]) => (by === "object" ? [reason] : [])),
);

const UNREACHED = {
  overloaded: "USER_OVERLOADED",
  unreachable: "USER_UNREACHABLE",
  "other version": "VERSION_MISMATCH",
} as const;

/** What a call came to, how often it was made again, and what the runtime threw where it gave no answer at last. */
export interface Attempt {
  readonly answer: Success<ResponseOf<UserRpc>> | Failure;
  readonly retries: number;
  readonly fault?: Error;
}

/**
 * Calls one rpc of one user's object. Every one may be called twice without harm, so a call whose answer was lost is made
 * again where the runtime allows it. Throws what the object threw: a bug.
 */
export async function callUser(
  users: UserNamespace,
  placement: Placement,
  name: string,
  { rpc, arn, request }: UserCall,
): Promise<Attempt> {
  let calls = 0;
  try {
    const answer = await reach(() => {
      calls++;
      return callOnce(objectFor(users, placement, arn, name), rpc, request);
    });
    const isKnown = answer?.kind === "ok" || (answer !== undefined && REASONS.has(answer.reason));
    return { answer: isKnown ? answer : unavailable("VERSION_MISMATCH"), retries: calls - 1 };
  } catch (error) {
    const why = whyUnreached(error);
    if (why === undefined) {
      throw error;
    }
    return { answer: unavailable(UNREACHED[why]), retries: calls - 1, fault: error as Error };
  }
}

/** A neighbouring version may answer nothing. */
function callOnce<Rpc extends UserRpc>(
  user: UserObject,
  rpc: Rpc,
  request: RequestOf<Rpc>,
): Promise<Answer<ResponseOf<Rpc>> | undefined> {
  return user[rpc](request);
}

function unavailable(reason: Unavailable["reason"]): Unavailable {
  return { kind: "unavailable", reason, retryAfterMs: RETRY_AFTER_MS };
}
