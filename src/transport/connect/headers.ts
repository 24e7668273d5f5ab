/**
 * The headers by which Connect and gRPC-Web clients say how a message is encoded and how long they wait. What is wrong
 * with them is refused here, because the errors that Connect itself would answer carry no reason.
 * Source: connectrpc.com/docs/protocol.
 */
import { parseAccept } from "hono/utils/accept";
import { sentHeader } from "../../auth/sent-header.ts";
import type { Failure } from "../../model/failure.ts";

const TIMEOUTS: ReadonlyMap<string, { format: RegExp; expected: string }> = new Map([
  ["connect-timeout-ms", { format: /^\d{1,10}$/, expected: "milliseconds in at most 10 digits" }],
  ["grpc-timeout", { format: /^\d{1,8}[HMSmun]$/, expected: "at most 8 digits and a unit" }],
]);

const GRPC_UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

const ENCODINGS = ["content-encoding", "grpc-encoding"];

/** What is wrong with a request's headers, if anything is. */
export function headerRefusal(headers: Headers): Failure | undefined {
  for (const name of ENCODINGS) {
    if (!["identity", "gzip"].includes(headers.get(name) ?? "identity")) {
      return { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE" };
    }
  }
  for (const [name, { format, expected }] of TIMEOUTS) {
    const value = headers.get(name);
    if (value !== null && !format.test(value)) {
      return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: `the header ${name}`, expected };
    }
  }
  return undefined;
}

/**
 * Until when the caller waits, in milliseconds since 1970, for a request that came at `receivedAt`; undefined where it
 * says nothing of that. Its headers must have been found right.
 */
export function deadlineOf(headers: Headers, receivedAt: number): number | undefined {
  const timeoutMs = headers.get("connect-timeout-ms");
  if (timeoutMs !== null) {
    return receivedAt + Number(timeoutMs);
  }
  const timeout = headers.get("grpc-timeout");
  return timeout === null
    ? undefined
    : receivedAt + Number(timeout.slice(0, -1)) * (GRPC_UNITS_MS[timeout.slice(-1)] ?? 0);
}

/** Whether the caller of a unary call of Connect's asked for an answer that is compressed: the caller, and not a proxy. */
export function acceptsGzip(request: Request): boolean {
  const codings = parseAccept(sentHeader(request, "accept-encoding") ?? "");
  return codings.some(({ type, q }) => type.toLowerCase() === "gzip" && q > 0);
}

/** What Connect reads of the headers for the empty message that it is given: not compressed, and nothing wrong with them. */
export function headersOfEmptyMessage(original: Headers): Headers {
  const headers = new Headers();
  for (const name of ["content-type", "accept-encoding", "grpc-accept-encoding"]) {
    const value = original.get(name);
    if (value !== null) {
      headers.set(name, value);
    }
  }
  for (const [name, { format }] of TIMEOUTS) {
    const value = original.get(name);
    if (value !== null && format.test(value)) {
      headers.set(name, value);
    }
  }
  return headers;
}
