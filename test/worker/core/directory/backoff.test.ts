import { expect, it } from "vitest";
import { retryAt } from "../../../../src/worker/core/directory/backoff.ts";
import { NOW } from "../../../support/rows.ts";

it("what fails is tried again after a second, then after twice as long each time, and at least every hour", () => {
  const seconds = [0, 1, 2, 11, 12, 5_000].map((failures) => (retryAt(failures, NOW) - NOW) / 1_000);
  expect(seconds).toEqual([1, 2, 4, 2_048, 3_600, 3_600]);
});
