/** Calls of objects, which the runtime may fail to make: see developers.cloudflare.com/durable-objects/best-practices/error-handling */
import type { Unavailable } from "../model/failure.ts";

/** How often a call is made again, when the runtime says that this may help. */
const RETRIES_MAX = 2;

/** Before the first retry; doubled before each further one, and spread over half to the whole of it. */
const BACKOFF_MS = 50;

/** What the runtime marks on errors that are its own. */
interface RuntimeError extends Error {
  readonly retryable?: boolean;
  readonly overloaded?: boolean;
  readonly durableObjectReset?: boolean;
}

/** Makes a call that may be made twice without harm, again where the runtime says that this may help. Throws the last error. */
export async function reach<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let retries = 0; ; retries++) {
    try {
      return await call();
    } catch (error) {
      if (!isRetryable(error) || retries === RETRIES_MAX) {
        throw error;
      }
      await scheduler.wait(BACKOFF_MS * 2 ** retries * (0.5 + Math.random() / 2));
    }
  }
}

/** Makes such a call of an object that may answer why it can't serve it, and throws that too. */
export async function reachWorking<Answer>(call: () => Promise<Answer>): Promise<Exclude<Answer, Unavailable>> {
  const answer = await reach(call);
  if (isUnavailable(answer)) {
    throw new NotWorkingError(answer.reason);
  }
  return answer as Exclude<Answer, Unavailable>;
}

/** An object was reached, and can't read or write its storage. */
class NotWorkingError extends Error {
  override readonly name = "NotWorkingError";
}

function isUnavailable(answer: unknown): answer is Unavailable {
  return typeof answer === "object" && answer !== null && "kind" in answer && answer.kind === "unavailable";
}

/** Retrying what is overloaded makes it worse. */
function isRetryable(error: unknown): boolean {
  const { retryable, overloaded } = error as Partial<RuntimeError>;
  return retryable === true && overloaded !== true;
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

/** Why the runtime has no answer; undefined where the object itself threw: a bug. */
export function whyUnreached(error: unknown): "overloaded" | "unreachable" | "other version" | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  if (error instanceof NotWorkingError) {
    return "unreachable";
  }
  const { overloaded, retryable, durableObjectReset, message } = error as RuntimeError;
  if (overloaded) {
    return "overloaded";
  }
  if (retryable || durableObjectReset || message.startsWith(INTERNAL_ERROR) || message.startsWith(NONE_LEFT)) {
    return "unreachable";
  }
  return message.includes("does not implement the method") ? "other version" : undefined;
}
