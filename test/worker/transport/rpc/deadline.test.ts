import { describe, expect, it } from "vitest";
import { CONNECT_TIMEOUT, deadlineOf, GRPC_TIMEOUT } from "../../../../src/worker/transport/rpc/deadline.ts";

const RECEIVED_AT = 1_000_000;

describe("a caller's deadline", () => {
  it.each([
    [CONNECT_TIMEOUT, undefined, Number.POSITIVE_INFINITY],
    [CONNECT_TIMEOUT, "0", RECEIVED_AT],
    [CONNECT_TIMEOUT, "2500", RECEIVED_AT + 2_500],
    [GRPC_TIMEOUT, "2H", RECEIVED_AT + 7_200_000],
    [GRPC_TIMEOUT, "3M", RECEIVED_AT + 180_000],
    [GRPC_TIMEOUT, "4S", RECEIVED_AT + 4_000],
    [GRPC_TIMEOUT, "5m", RECEIVED_AT + 5],
    [GRPC_TIMEOUT, "6000u", RECEIVED_AT + 6],
    [GRPC_TIMEOUT, "7000000n", RECEIVED_AT + 7],
  ])("of $name: %s is at %s", (header, value, deadline) => {
    const headers = new Headers(value === undefined ? {} : { [header.name]: value });
    expect(deadlineOf(header, headers, RECEIVED_AT)).toBe(deadline);
  });

  it.each([
    [CONNECT_TIMEOUT, "12345678901"],
    [CONNECT_TIMEOUT, "1s"],
    [CONNECT_TIMEOUT, "-1"],
    [GRPC_TIMEOUT, "123456789S"],
    [GRPC_TIMEOUT, "1"],
    [GRPC_TIMEOUT, "1s"],
  ])("of $name can't be %s", (header, value) => {
    const refused = deadlineOf(header, new Headers({ [header.name]: value }), RECEIVED_AT);
    expect(refused).toMatchObject({ reason: "UNREADABLE_REQUEST", at: `the header ${header.name}` });
  });
});
