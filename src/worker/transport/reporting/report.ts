import type { RequestEvent, Tally } from "./request-event.ts";

/** What is told of one request: names, numbers, and nothing that a caller sent. */
export interface Told extends Partial<Tally> {
  readonly requestId: string;
  readonly operation: string;
  readonly wire: string;
  readonly kind: string;
  readonly reason: string;
  readonly fault: string | undefined;
  readonly status: number;
  /** On the runtime's clock, which stands still while code runs: the time spent waiting, for the body and for the user's object. */
  readonly ms: number;
  readonly replayed: boolean;
  readonly retries: number;
  readonly principal: string | undefined;
  readonly adopted: boolean;
  readonly moved: number;
  readonly bugs: number | undefined;
  readonly unreached: number | undefined;
}

/** Counts every request, also those that sampling keeps out of the log. */
export type Count = (told: Told) => void;

export type Report = (event: RequestEvent, status: number, ms: number) => void;

/**
 * Tells of requests: a line of JSON for each, which Workers Logs takes apart into fields, less what of the successes is not to be
 * logged; and a count, where something counts.
 */
export function reporterOf({ logSuccesses }: { readonly logSuccesses: number }, count?: Count): Report {
  return (event, status, ms) => {
    const told = toldOf(event, status, ms);
    if (logSuccesses === 1 || !isPlainSuccess(told) || Math.random() < logSuccesses) {
      console.log(JSON.stringify({ event: "request", ...told }));
    }
    count?.(told);
  };
}

/** Whether nothing is to be learned from one more: it went well, at once and for everybody. */
function isPlainSuccess({ kind, retries, errors = 0 }: Told): boolean {
  return kind === "ok" && retries === 0 && errors === 0;
}

function toldOf(event: RequestEvent, status: number, ms: number): Told {
  const { requestId, wire = "none", operation = "none", outcome, retries = 0, principal, tally, moved = 0 } = event;
  const { bugs, unreached } = event;
  return {
    requestId,
    operation,
    wire,
    kind: outcome?.kind ?? (status < 400 ? "ok" : "refused"),
    reason: outcome?.reason ?? "none",
    fault: outcome?.fault,
    status,
    ms,
    replayed: outcome?.replayed ?? false,
    retries,
    principal,
    ...tally,
    adopted: outcome?.adopted ?? false,
    moved,
    bugs,
    unreached,
  };
}

/** Tells of a bug, whole. What callers learn of it is its request id. */
export function reportBug(event: RequestEvent, error: unknown): void {
  const { requestId, operation = "none" } = event;
  const told = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  console.error(JSON.stringify({ event: "bug", requestId, operation, error: told }));
  event.bugs = (event.bugs ?? 0) + 1;
}

/** Tells what the runtime said when a user's object did not answer: a deploy, a full disk, an object that can't start. */
export function reportFault(event: RequestEvent, fault: Error): void {
  const { requestId, operation = "none" } = event;
  console.error(JSON.stringify({ event: "fault", requestId, operation, error: fault.message }));
  event.unreached = (event.unreached ?? 0) + 1;
}
