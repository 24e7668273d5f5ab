import { createHash } from "node:crypto";
import type { Failure, Unavailable } from "../model/failure.ts";
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

/**
 * Calls one operation of one user's object. Every operation may be called twice without harm, so a call whose answer
 * was lost is made again where the runtime allows it: `retries` times. Throws what the object threw: a bug.
 */
export async function callUser(
  users: UserNamespace,
  placement: Placement,
  objectMethod: string,
  request: UserRequest,
): Promise<{ answer: Answer<unknown>; retries: number }> {
  for (let retries = 0; ; retries++) {
    try {
      // A stub that has failed may stay broken, so each attempt takes a new one.
      const stub = stubFor(users, placement, request.appInstanceUserArn) as unknown as UserStub;
      const answer = await stub[objectMethod]?.(request);
      const isKnown = answer !== undefined && ANSWER_KINDS.has(answer.kind);
      return { answer: isKnown ? answer : unavailable("VERSION_MISMATCH"), retries };
    } catch (error) {
      const failure = infrastructureFailure(error);
      if (failure === undefined) {
        throw error;
      }
      if (!isRetryable(error) || retries === RETRIES_MAX) {
        return { answer: failure, retries };
      }
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

function stubFor(users: UserNamespace, { jurisdictions, locationHints }: Placement, arn: string): DurableObjectStub {
  const region = arn.split(":", 4)[3] ?? "";
  const jurisdiction = jurisdictions.get(region);
  const locationHint = locationHints.get(region);
  const namespace = jurisdiction === undefined ? users : users.jurisdiction(jurisdiction);
  return namespace.getByName(objectName(arn), locationHint && { locationHint });
}

/** What the runtime marks on errors that are its own. Source: developers.cloudflare.com/durable-objects/best-practices/error-handling */
interface RuntimeError extends Error {
  readonly retryable?: boolean;
  readonly overloaded?: boolean;
  readonly durableObjectReset?: boolean;
}

/** What went wrong between Worker and object; undefined where the object itself threw. */
function infrastructureFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const { overloaded, retryable, durableObjectReset, message } = error as RuntimeError;
  if (overloaded) {
    return unavailable("USER_OVERLOADED");
  }
  if (retryable || durableObjectReset) {
    return unavailable("USER_UNREACHABLE");
  }
  return message.includes("does not implement the method") ? unavailable("VERSION_MISMATCH") : undefined;
}

/** Retrying what is overloaded makes it worse. */
function isRetryable(error: unknown): boolean {
  const { retryable, overloaded } = error as RuntimeError;
  return retryable === true && overloaded !== true;
}

function unavailable(reason: Unavailable["reason"]): Unavailable {
  return { kind: "unavailable", reason, retryAfterMs: RETRY_AFTER_MS };
}
