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
import { REFUSALS } from "../refusals/table.ts";
import type { UserCall } from "./user-call.ts";

/** How often a call is made again, when the runtime says that this may help. */
const RETRIES_MAX = 2;

/** Before the first retry; doubled before each further one, and spread over half to the whole of it. */
const BACKOFF_MS = 50;

/** What a caller is asked to wait when a user's object can't serve it. */
const RETRY_AFTER_MS = 1_000;

/** Why an object of this version refuses: another reason comes from a neighbouring version. */
const REASONS: ReadonlySet<string> = new Set(
  Object.entries(REFUSALS).flatMap(([reason, { by }]) => (by === "object" ? [reason] : [])),
);

/**
 * Calls one rpc of one user's object. Every one may be called twice without harm, so a call whose answer was lost is made
 * again where the runtime allows it: `retries` times. `fault` is what the runtime threw where it gave no answer at last.
 * Throws what the object threw: a bug.
 */
export async function callUser(
  users: UserNamespace,
  placement: Placement,
  name: string,
  call: UserCall,
): Promise<Attempt & { retries: number }> {
  for (let retries = 0; ; retries++) {
    const attempt = await callOnce(objectOf(users, placement, name, call), call.rpc, call.request);
    if (!isRetryable(attempt.fault) || retries === RETRIES_MAX) {
      return { ...attempt, retries };
    }
    await scheduler.wait(BACKOFF_MS * 2 ** retries * (0.5 + Math.random() / 2));
  }
}

/** A stub that has failed may stay broken, so each attempt takes a new one. */
function objectOf(
  users: UserNamespace,
  { jurisdictions, locationHints }: Placement,
  name: string,
  { arn }: UserCall,
): UserObject {
  const region = arn.split(":", 4)[3] ?? "";
  const jurisdiction = jurisdictions.get(region);
  const locationHint = locationHints.get(region);
  const namespace = jurisdiction === undefined ? users : users.jurisdiction(jurisdiction);
  return namespace.getByName(name, locationHint && { locationHint });
}

/** What the runtime marks on errors that are its own. Source: developers.cloudflare.com/durable-objects/best-practices/error-handling */
interface RuntimeError extends Error {
  readonly retryable?: boolean;
  readonly overloaded?: boolean;
  readonly durableObjectReset?: boolean;
}

/** What a call came to, and what the runtime threw, if it did. */
export interface Attempt {
  readonly answer: Success<ResponseOf<UserRpc>> | Failure;
  readonly fault?: RuntimeError;
}

async function callOnce<Rpc extends UserRpc>(user: UserObject, rpc: Rpc, request: RequestOf<Rpc>): Promise<Attempt> {
  try {
    const answer: Answer<ResponseOf<Rpc>> | undefined = await user[rpc](request);
    const isKnown = answer?.kind === "ok" || (answer !== undefined && REASONS.has(answer.reason));
    return { answer: isKnown ? answer : unavailable("VERSION_MISMATCH") };
  } catch (error) {
    const reason = error instanceof Error ? runtimeReason(error) : undefined;
    if (reason === undefined) {
      throw error;
    }
    return { answer: unavailable(reason), fault: error as RuntimeError };
  }
}

/**
 * What the runtime says when it keeps to itself what happened: it could not open the object's storage, or commit to it.
 * Source: renderInternalError in workerd's src/workerd/jsg/util.c++
 */
const INTERNAL_ERROR = "internal error; reference = ";

/**
 * What the runtime says when a request has made as many calls as its plan allows: 50 on the free one, 10,000 else.
 * Source: developers.cloudflare.com/workers/platform/limits
 */
const NONE_LEFT = "Too many subrequests";

/** Why the runtime has no answer; undefined where the object itself threw. */
function runtimeReason({ overloaded, retryable, durableObjectReset, message }: RuntimeError) {
  if (overloaded) {
    return "USER_OVERLOADED";
  }
  if (retryable || durableObjectReset || message.startsWith(INTERNAL_ERROR) || message.startsWith(NONE_LEFT)) {
    return "USER_UNREACHABLE";
  }
  return message.includes("does not implement the method") ? "VERSION_MISMATCH" : undefined;
}

/** Retrying what is overloaded makes it worse. */
function isRetryable(fault: RuntimeError | undefined): boolean {
  return fault?.retryable === true && fault.overloaded !== true;
}

function unavailable(reason: Unavailable["reason"]): Unavailable {
  return { kind: "unavailable", reason, retryAfterMs: RETRY_AFTER_MS };
}
