import { RollcallError } from "../client/index.ts";

/** A run that can't go on, and why. What it did is kept. */
export class Stopped extends Error {
  constructor(why: string) {
    super(`Stopped. ${why}`);
  }
}

export const TOLD_TO_END = "It was told to end.";

/** Why a call failed, for whoever runs the command: in the server's words, which repeat no secret. */
export function whyFailed({ failure, message, requestId }: RollcallError): string {
  if (failure.kind === "canceled") {
    return TOLD_TO_END;
  }
  const reason = "reason" in failure && failure.reason !== undefined ? failure.reason : failure.kind;
  return [`${reason}: ${message}`, requestId && `(request ${requestId})`].filter(Boolean).join(" ");
}

/** Throws what was thrown, as a reason to stop if it is a call that failed. */
export function stopFor(error: unknown): never {
  throw error instanceof RollcallError ? new Stopped(whyFailed(error)) : error;
}
