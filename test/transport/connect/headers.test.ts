import { describe, expect, it } from "vitest";
import { deadlineOf } from "../../../src/transport/connect/headers.ts";

const RECEIVED_AT = 1_000_000;

describe("a caller's deadline", () => {
  it.each([
    [{}, undefined],
    [{ "connect-timeout-ms": "0" }, RECEIVED_AT],
    [{ "connect-timeout-ms": "2500" }, RECEIVED_AT + 2_500],
    [{ "grpc-timeout": "2H" }, RECEIVED_AT + 7_200_000],
    [{ "grpc-timeout": "3M" }, RECEIVED_AT + 180_000],
    [{ "grpc-timeout": "4S" }, RECEIVED_AT + 4_000],
    [{ "grpc-timeout": "5m" }, RECEIVED_AT + 5],
    [{ "grpc-timeout": "6000u" }, RECEIVED_AT + 6],
    [{ "grpc-timeout": "7000000n" }, RECEIVED_AT + 7],
  ])("is after %j at %s", (headers, deadline) => {
    expect(deadlineOf(new Headers(headers), RECEIVED_AT)).toBe(deadline);
  });
});
