import { afterEach, describe, expect, it, vi } from "vitest";
import { reporterOf } from "../../../../src/worker/transport/reporting/report.ts";
import type { RequestEvent } from "../../../../src/worker/transport/reporting/request-event.ts";

const OK = { kind: "ok" };
const REFUSED = { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED" };

afterEach(() => vi.restoreAllMocks());

/** How many lines are written for a request, and how often it is counted. */
function reported(logSuccesses: number, event: Partial<RequestEvent>, status = 200) {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const count = vi.fn();
  reporterOf({ logSuccesses }, count)({ requestId: "id", ...event }, status, 1);
  const lines = log.mock.calls.length;
  log.mockRestore();
  return { lines, counted: count.mock.calls.length };
}

describe("a request", () => {
  it("is logged and counted, if nothing else is asked for", () => {
    expect(reported(1, { outcome: OK })).toEqual({ lines: 1, counted: 1 });
  });

  it("that succeeds is counted, and not logged where no successes are to be", () => {
    expect(reported(0, { outcome: OK })).toEqual({ lines: 0, counted: 1 });
    // A page, or the server's health.
    expect(reported(0, {})).toEqual({ lines: 0, counted: 1 });
  });

  it.each<[string, Partial<RequestEvent>, number?]>([
    ["is throttled", { outcome: REFUSED }, 429],
    ["can't be served", { outcome: { kind: "unavailable", reason: "USER_UNREACHABLE" } }, 503],
    ["is refused for what its caller did", { outcome: { kind: "invalid", reason: "CONSTRAINTS_VIOLATED" } }, 400],
    ["came to its end by a retry", { outcome: OK, retries: 1 }],
    ["did not serve all of its users", { outcome: OK, tally: { users: 2, endpoints: 1, errors: 1 } }],
  ])("that %s is logged all the same", (_, event, status) => {
    expect(reported(0, event, status)).toEqual({ lines: 1, counted: 1 });
  });

  it("is logged by chance where a share is asked for", () => {
    const random = vi.spyOn(Math, "random");
    const lines = [0.05, 0.1, 0.95].map((chance) => {
      random.mockReturnValue(chance);
      return reported(0.1, { outcome: OK }).lines;
    });
    expect(lines).toEqual([1, 0, 0]);
  });
});
