import type { RequestEvent } from "./request-event.ts";

/** Workers Analytics Engine, as far as it is used; the binding is optional. */
export type Metrics = Pick<AnalyticsEngineDataset, "writeDataPoint">;

/**
 * Tells of one request: a line of JSON, which Workers Logs takes apart into fields, and a data point where Analytics
 * Engine is bound. Head sampling may drop a line; data points count every request.
 *
 * `ms` is the time that passed on the runtime's clock, which stands still while code runs: the time spent waiting, for
 * the body and for the user's object.
 */
export function report(event: RequestEvent, status: number, ms: number, metrics: Metrics | undefined): void {
  const { requestId, wire = "none", operation = "none", outcome, retries = 0, principal, tally, moved = 0 } = event;
  const kind = outcome?.kind ?? (status < 400 ? "ok" : "refused");
  const reason = outcome?.reason ?? "none";
  const fault = outcome?.fault;
  const replayed = outcome?.replayed ?? false;
  const adopted = outcome?.adopted ?? false;
  console.log(
    JSON.stringify({
      event: "request",
      requestId,
      operation,
      wire,
      kind,
      reason,
      fault,
      status,
      ms,
      replayed,
      retries,
      principal,
      ...tally,
      adopted,
      moved,
    }),
  );
  metrics?.writeDataPoint({
    indexes: [operation],
    blobs: [wire, kind, reason, String(status), String(replayed), principal ?? "none", String(adopted)],
    doubles: [ms, retries, tally?.users ?? 0, tally?.endpoints ?? 0, tally?.errors ?? 0, moved],
  });
}

/** Tells of a bug, whole. What callers learn of it is its request id. */
export function reportBug({ requestId, operation = "none" }: RequestEvent, error: unknown): void {
  const told = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  console.error(JSON.stringify({ event: "bug", requestId, operation, error: told }));
}

/** Tells what the runtime said when a user's object did not answer: a deploy, a full disk, an object that can't start. */
export function reportFault({ requestId, operation = "none" }: RequestEvent, fault: Error): void {
  console.error(JSON.stringify({ event: "fault", requestId, operation, error: fault.message }));
}
