import { expect, it } from "vitest";
import { retryHeaders } from "../../../../src/worker/transport/refusals/headers.ts";

it.each([
  [1, "1"],
  [1_000, "1"],
  [1_001, "2"],
])("who is asked to wait %d ms hears of no less in whole seconds", (retryAfterMs, seconds) => {
  expect(retryHeaders({ retryAfterMs })).toEqual({
    "retry-after": seconds,
    "x-amz-retry-after": String(retryAfterMs),
  });
});
