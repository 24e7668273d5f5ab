import { describe, expect, it } from "vitest";
import { isExpired, tombstoneOf } from "../../../src/worker/core/tombstone.ts";
import { endpoint, NOW } from "../../support/rows.ts";

const DAY_MS = 86_400_000;

describe("tombstoneOf", () => {
  it("keeps the id and the request token for 24 hours, and nothing else", () => {
    const made = endpoint(1, { endpointAttributes: { deviceToken: "d", voipDeviceToken: "v" }, name: "phone" });
    expect(tombstoneOf(made, NOW)).toEqual({
      state: "deregistered",
      endpointId: made.endpointId,
      clientRequestToken: made.clientRequestToken,
      expiresAt: NOW + DAY_MS,
    });
  });
});

describe("isExpired", () => {
  it("is true of a tombstone from its expiry on, and never of an endpoint", () => {
    const tombstone = tombstoneOf(endpoint(1), NOW);
    expect(isExpired(tombstone, NOW + DAY_MS - 1)).toBe(false);
    expect(isExpired(tombstone, NOW + DAY_MS)).toBe(true);
    expect(isExpired(endpoint(1), Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});
