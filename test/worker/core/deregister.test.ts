import { describe, expect, it } from "vitest";
import { decideDeregister } from "../../../src/worker/core/deregister.ts";
import { ROWS_PER_USER_MAX, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { deregistering } from "../../support/requests.ts";
import { changesOf, endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const deregistered = { kind: "ok", response: {} };

describe("decideDeregister", () => {
  it("puts a tombstone in the endpoint's place, and the first one calls the purge", () => {
    expect(decideDeregister([endpoint(1), endpoint(2)], deregistering(idOf(1)), NOW)).toEqual({
      answer: deregistered,
      put: [tombstone(1, NOW)],
      purgeAt: NOW + TOMBSTONE_LIFETIME_MS,
    });
  });

  it("leaves the purge to the tombstone that has called it", () => {
    expect(decideDeregister([tombstone(1, NOW - 1), endpoint(2)], deregistering(idOf(2)), NOW)).toEqual({
      answer: deregistered,
      put: [tombstone(2, NOW)],
    });
  });

  it("calls a purge that was lost again, at once", () => {
    const forgotten = tombstone(1, NOW - 3 * TOMBSTONE_LIFETIME_MS);
    expect(decideDeregister([forgotten, tombstone(2, NOW), endpoint(3)], deregistering(idOf(3)), NOW)).toEqual({
      answer: deregistered,
      put: [tombstone(3, NOW)],
      purgeAt: forgotten.expiresAt,
    });
  });

  it("always has room", () => {
    const rows = Array.from({ length: ROWS_PER_USER_MAX }, (_, n) => (n === 0 ? endpoint(0) : tombstone(n, NOW)));
    expect(decideDeregister(rows, deregistering(idOf(0)), NOW)).toEqual({
      answer: deregistered,
      put: [tombstone(0, NOW)],
    });
  });

  it.each([
    ["unknown", []],
    ["gone", [tombstone(1, NOW)]],
    ["long gone", [tombstone(1, 0)]],
  ])("succeeds and changes nothing for an id that is %s", (_, rows) => {
    expect(changesOf(decideDeregister(rows, deregistering(idOf(1)), NOW))).toEqual({ answer: deregistered });
  });
});
