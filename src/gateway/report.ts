/** What the gateway tells of itself: lines of JSON, like those of the server. None holds a URL, a token or a message. */

import { Code } from "@connectrpc/connect";

/** One call. */
export interface CallEvent {
  /** The one that the server knows the call by. */
  readonly requestId: string;
  readonly operation: string;
  /** "grpc" */
  readonly wire: string;
  /** Absent: success. */
  readonly code?: Code;
  /** Rollcall's. */
  readonly reason?: string | undefined;
  readonly ms: number;
}

export type ReportCall = (event: CallEvent) => void;

/** Tells of calls: a line for each, less what of the successes is not to be logged; and `count` of all. */
export function callReporter(logSuccesses = 1, count?: ReportCall): ReportCall {
  return (event) => {
    const { requestId, operation, wire, code, reason = "none", ms } = event;
    if (code !== undefined || logSuccesses === 1 || Math.random() < logSuccesses) {
      console.log(JSON.stringify({ event: "call", requestId, operation, wire, code: nameOf(code), reason, ms }));
    }
    count?.(event);
  };
}

/** As the protocols spell it: "deadline_exceeded". */
export function nameOf(code: Code | undefined): string {
  return code === undefined ? "ok" : Code[code].replace(/(?<!^)(?=[A-Z])/g, "_").toLowerCase();
}

/** Why upstream could not be asked, in a word of the system's: "ECONNREFUSED". */
export function reportFault(fault: { readonly requestId: string; readonly operation: string; readonly error: string }) {
  console.error(JSON.stringify({ event: "fault", ...fault }));
}

/** A bug, whole. */
export function reportBug(error: unknown): void {
  const told = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  console.error(JSON.stringify({ event: "bug", error: told }));
}
