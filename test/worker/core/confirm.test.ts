import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confirm, deviceTokenAtOf, isStale, nextDeviceTokenAt, type Said } from "../../../src/worker/core/confirm.ts";
import type { Endpoint } from "../../../src/worker/model/endpoint.ts";
import { endpoint, NOW, tombstone } from "../../support/rows.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

const phone = endpoint(1, {
  name: "phone",
  endpointAttributes: { deviceToken: "device-1", voipDeviceToken: "voip-1" },
});

/** Whatever writes nothing must not load the other rows. */
function confirmed(row: Endpoint, said: Said, now: number): readonly Endpoint[] {
  return confirm(row, said, now, () => expect.fail("all rows are loaded"));
}

describe("confirm", () => {
  it.each([
    ["says nothing", {}],
    ["says what is there", { deviceToken: "device-1", voipDeviceToken: "voip-1", name: "phone", allowMessages: "ALL" }],
  ] as const)("writes nothing within seven days where a call %s", (_, said) => {
    expect(confirmed(phone, said, NOW)).toEqual([]);
    expect(confirmed(phone, said, NOW + WEEK_MS)).toEqual([]);
    expect(confirmed(phone, said, NOW - WEEK_MS)).toEqual([]);
  });

  it("says after seven days when the token was named, and changes nothing else", () => {
    const later = NOW + WEEK_MS + 1;
    expect(confirm(phone, {}, later, () => [phone])).toEqual([{ ...phone, deviceTokenAt: later }]);
    const refreshed = { ...phone, deviceTokenAt: NOW + DAY_MS };
    expect(confirmed(refreshed, {}, later)).toEqual([]);
  });

  it.each([
    ["another device token", { deviceToken: "device-2" }],
    ["the device token in another case", { deviceToken: "DEVICE-1" }],
    ["another VoIP token", { voipDeviceToken: "voip-2" }],
    ["an empty name", { name: "" }],
    ["that messages are muted", { allowMessages: "NONE" }],
  ] as const)("writes at once that a call says %s", (_, said) => {
    expect(confirm(phone, said, NOW + 1, () => [phone])).toEqual([
      { ...phone, ...said, lastUpdatedAt: NOW + 1, deviceTokenAt: NOW + 1 },
    ]);
  });

  it("makes an endpoint ACTIVE that was INACTIVE, which is a change of it", () => {
    const inactive = { ...phone, inactiveSince: NOW + 1, lastUpdatedAt: NOW + 1 };
    expect(confirm(inactive, {}, NOW + 2, () => [inactive])).toEqual([
      { ...phone, lastUpdatedAt: NOW + 2, deviceTokenAt: NOW + 2 },
    ]);
  });

  it("forgets what was held against the token, which is none", () => {
    const suspected = { ...phone, suspectedAt: NOW + 1 };
    expect(confirm(suspected, {}, NOW + 2, () => [suspected])).toEqual([{ ...phone, deviceTokenAt: NOW + 2 }]);
  });

  it("never moves a time backwards, whatever the clock does", () => {
    const [renamed] = confirm(phone, { name: "x" }, NOW - DAY_MS, () => [phone]);
    expect(renamed).toMatchObject({ lastUpdatedAt: NOW, deviceTokenAt: NOW + 1 });
  });
});

describe("nextDeviceTokenAt", () => {
  const rows = fc.array(
    fc.record({
      n: fc.nat(99),
      deviceTokenAt: fc.option(fc.integer({ min: NOW - 5, max: NOW + 5 }), { nil: undefined }),
    }),
  );

  it("is now, or just after all that the user's tokens were named at", () => {
    fc.assert(
      fc.property(rows, (times) => {
        const live = times.map(({ n, deviceTokenAt }) =>
          deviceTokenAt === undefined ? endpoint(n) : { ...endpoint(n), deviceTokenAt },
        );
        const next = nextDeviceTokenAt([...live, tombstone(100, NOW)], NOW);
        expect(live.every((row) => deviceTokenAtOf(row) < next)).toBe(true);
        expect(next === NOW || live.some((row) => deviceTokenAtOf(row) === next - 1)).toBe(true);
      }),
    );
  });
});

describe("isStale", () => {
  it("counts from when the token was named last, which is the registration where nothing else is said", () => {
    expect([0, 14 * DAY_MS, 14 * DAY_MS + 1].map((ms) => isStale(phone, 14 * DAY_MS, NOW + ms))).toEqual([
      false,
      false,
      true,
    ]);
    const refreshed = { ...phone, deviceTokenAt: NOW + DAY_MS };
    expect([15, 16].map((days) => isStale(refreshed, 14 * DAY_MS, NOW + days * DAY_MS))).toEqual([false, true]);
    expect(isStale(phone, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});
