/**
 * The headers by which Connect and gRPC-Web clients say how a message is encoded and how long they wait. What is wrong
 * with them is refused here, because the errors that Connect itself would answer carry no reason.
 * Source: connectrpc.com/docs/protocol.
 */
import type { Failure } from "../../model/failure.ts";

const TIMEOUTS: ReadonlyMap<string, { format: RegExp; expected: string }> = new Map([
  ["connect-timeout-ms", { format: /^\d{1,10}$/, expected: "milliseconds in at most 10 digits" }],
  ["grpc-timeout", { format: /^\d{1,8}[HMSmun]$/, expected: "at most 8 digits and a unit" }],
]);

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

/** The headers for the empty message that Connect is given: no longer as long, not compressed, and nothing wrong with them. */
export function headersOfEmptyMessage(original: Headers): Headers {
  const headers = new Headers(original);
  for (const name of ["content-length", ...ENCODINGS]) {
    headers.delete(name);
  }
  for (const [name, { format }] of TIMEOUTS) {
    if (!format.test(headers.get(name) ?? "")) {
      headers.delete(name);
    }
  }
  return headers;
}
