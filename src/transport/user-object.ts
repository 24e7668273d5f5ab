import { createHash } from "node:crypto";
import type { Unavailable } from "../model/failure.ts";
import type { Answer, UserRequest } from "../model/operations.ts";
import type { Placement } from "../model/placement.ts";

/** The objects of the users, as far as a wire sees them: a stub has one asynchronous method an operation. */
export type UserNamespace = Pick<DurableObjectNamespace, "getByName" | "jurisdiction">;
type UserStub = Record<string, ((request: UserRequest) => Promise<Answer<unknown>>) | undefined>;

/** How often a call is made again, when the runtime says that this may help. */
const RETRIES_MAX = 2;

/** Before the first retry; doubled before each further one, and spread over half to the whole of it. */
const BACKOFF_MS = 50;

/** What a caller is asked to wait when a user's object can't serve it. */
const RETRY_AFTER_MS = 1_000;

/** Every kind of answer that an object of this version gives: another one comes from a neighbouring version. */
const ANSWER_KINDS: ReadonlySet<string> = new Set<Answer<unknown>["kind"]>([
  "ok",
  "invalid",
  "not_found",
  "conflict",
  "limit_exceeded",
  "throttled",
  "unavailable",
]);

/** A call of one operation of one user's object. */
export interface UserCall {
  /** The object's: see objectName. */
  readonly name: string;
  readonly objectMethod: string;
  readonly request: UserRequest;
}

/**
 * Calls one operation of one user's object. Every operation may be called twice without harm, so a call whose answer
 * was lost is made again where the runtime allows it: `retries` times. `fault` is what the runtime threw where it gave
 * no answer at last. Throws what the object threw: a bug.
 */
export async function callUser(
  users: UserNamespace,
  placement: Placement,
  call: UserCall,
): Promise<Attempt & { retries: number }> {
  for (let retries = 0; ; retries++) {
    const attempt = await callOnce(stubFor(users, placement, call), call);
    if (!isRetryable(attempt.fault) || retries === RETRIES_MAX) {
      return { ...attempt, retries };
    }
    await scheduler.wait(BACKOFF_MS * 2 ** retries * (0.5 + Math.random() / 2));
  }
}

/**
 * The user's object is named by a hash of the ARN as it was sent: names appear in dashboards and logs, ARNs must not,
 * and an object whose name is longer than 1,024 bytes does not know it.
 */
export function objectName(arn: string): string {
  return createHash("sha256").update(arn).digest("hex");
}

/** A stub that has failed may stay broken, so each attempt takes a new one. */
function stubFor(
  users: UserNamespace,
  { jurisdictions, locationHints }: Placement,
  { name, request }: UserCall,
): DurableObjectStub {
  const region = request.appInstanceUserArn.split(":", 4)[3] ?? "";
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
interface Attempt {
  readonly answer: Answer<unknown>;
  readonly fault?: RuntimeError;
}

async function callOnce(stub: DurableObjectStub, { objectMethod, request }: UserCall): Promise<Attempt> {
  try {
    const answer = await (stub as unknown as UserStub)[objectMethod]?.(request);
    const isKnown = answer !== undefined && ANSWER_KINDS.has(answer.kind);
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

/** Why the runtime has no answer; undefined where the object itself threw. */
function runtimeReason({ overloaded, retryable, durableObjectReset, message }: RuntimeError) {
  if (overloaded) {
    return "USER_OVERLOADED";
  }
  if (retryable || durableObjectReset || message.startsWith(INTERNAL_ERROR)) {
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
