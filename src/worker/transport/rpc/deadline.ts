/**
 * How long a caller waits, as Connect and as gRPC say it.
 * Sources: connectrpc.com/docs/protocol, and PROTOCOL-HTTP2.md of grpc/grpc
 */
import type { Invalid } from "../../model/failure.ts";

/** A header that says how long the caller waits. */
interface TimeoutHeader {
  readonly name: string;
  /** Milliseconds; undefined where the header is not of its form. */
  readonly read: (value: string) => number | undefined;
  readonly expected: string;
}

export const CONNECT_TIMEOUT: TimeoutHeader = {
  name: "connect-timeout-ms",
  read: (value) => (/^\d{1,10}$/.test(value) ? Number(value) : undefined),
  expected: "milliseconds in at most 10 digits",
};

export const GRPC_TIMEOUT: TimeoutHeader = {
  name: "grpc-timeout",
  read: (value) => {
    const [, amount, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
    return amount === undefined ? undefined : Number(amount) * (GRPC_UNITS_MS[unit] ?? 0);
  },
  expected: "at most 8 digits and a unit",
};

const GRPC_UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Until when the caller of a request that came at `receivedAt` waits, in milliseconds since 1970: Infinity where it says nothing of that. */
export function deadlineOf(
  { name, read, expected }: TimeoutHeader,
  headers: Headers,
  receivedAt: number,
): number | Invalid {
  const value = headers.get(name);
  const timeoutMs = value === null ? Number.POSITIVE_INFINITY : read(value);
  return timeoutMs === undefined
    ? { kind: "invalid", reason: "UNREADABLE_REQUEST", at: `the header ${name}`, expected }
    : receivedAt + timeoutMs;
}
