import { Code } from "@connectrpc/connect";
import { afterEach, describe, expect, it, vi } from "vitest";
import { callReporter } from "../../src/gateway/report.ts";

const CALL = { requestId: "id", operation: "ListAppInstanceUserEndpoints", wire: "grpc", ms: 1 };
const REFUSED = { ...CALL, code: Code.Unavailable, reason: "UPSTREAM_UNREACHABLE" };

afterEach(() => vi.restoreAllMocks());

describe("the gateway's line for a call", () => {
  it.each([
    ["all", 1, 2],
    ["none", 0, 1],
  ])("is written for %s of those that succeed, and for each that does not; both are counted", (_, share, lines) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const count = vi.fn();
    const report = callReporter(share, count);
    report(CALL);
    report(REFUSED);
    expect(log).toHaveBeenCalledTimes(lines);
    expect(log.mock.lastCall?.[0]).toContain('"code":"unavailable","reason":"UPSTREAM_UNREACHABLE"');
    expect(count.mock.calls).toEqual([[CALL], [REFUSED]]);
  });

  it("is left to chance for a share", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const random = vi.spyOn(Math, "random").mockReturnValueOnce(0.2).mockReturnValueOnce(0.3);
    const report = callReporter(0.25);
    report(CALL);
    report(CALL);
    expect([random.mock.calls.length, log.mock.calls.length]).toEqual([2, 1]);
  });
});
