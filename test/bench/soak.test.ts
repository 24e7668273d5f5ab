/** What a soak tells of what stays as it is, and of what does not. */
import { describe, expect, it } from "vitest";
import { Crowd, MIX } from "../../bench/parts/soak/crowd.ts";
import type { Soak, SoakSample } from "../../bench/parts/soak/soak.ts";
import { grows, trendOf } from "../../bench/parts/soak/trend.ts";
import { soakSvg } from "../../bench/report/soak-plot.ts";
import { soaking, whatGrows } from "../../bench/report/soak-table.ts";

/** An hour, with a figure every ten seconds that goes up and down by five. */
function course(valueAt: (hours: number) => number) {
  return Array.from({ length: 360 }, (_, n) => ({ atSeconds: n * 10, value: valueAt(n / 360) + 5 * Math.sin(n) }));
}

describe("the trend of a figure", () => {
  it("is its slope an hour, and the last sixth to the first", () => {
    const { perHour, ratio } = trendOf(course((hours) => 100 + 60 * hours));
    expect(perHour).toBeCloseTo(60, 0);
    expect(ratio).toBeCloseTo(155 / 105, 1);
  });

  it("does not follow a few that stand out", () => {
    const points = course(() => 100).map((point, n) => (n % 50 === 49 ? { ...point, value: 10_000 } : point));
    expect(Math.abs(trendOf(points).perHour)).toBeLessThan(1);
  });

  it.each<[string, (hours: number) => number, boolean]>([
    ["stays", () => 100, false],
    ["grows by less than the tolerance", (hours) => 100 + 8 * hours, false],
    ["grows", (hours) => 100 + 30 * hours, true],
    ["falls", (hours) => 100 - 30 * hours, false],
    ["grows within its spread", (hours) => 30 + 6 * hours, false],
    ["grows by less than counts", (hours) => (hours > 0.5 ? 2 : 0), false],
  ])("that %s", (_, valueAt, isGrown) => {
    expect(grows(trendOf(course(valueAt)), { part: 0.1, least: 3 })).toBe(isGrown);
  });
});

const HELD = { memoryMiB: 100, files: 100, threads: 20 };

function soak(changes: (hours: number) => Partial<SoakSample>, unexpected: Soak["unexpected"] = {}): Soak {
  const samples = Array.from({ length: 60 }, (_, n): SoakSample => {
    const millis = { p50: 2, p99: 9 };
    return {
      atSeconds: (n + 1) * 60,
      workerd: HELD,
      gateway: HELD,
      calls: 1,
      cpuMicros: 9,
      millis,
      byKind: {},
      ...changes(n / 60),
    };
  });
  return { minutes: 60, takes: 10, perSecond: 5, people: 9, calls: 60, byWay: { REST: 60 }, unexpected, samples };
}

describe("a soak", () => {
  it("is flat where nothing grows that a process holds, whatever is kept", () => {
    const kept = (hours: number) => ({
      kept: { users: 10 + 1_000 * hours, usersMiB: 1 + 9 * hours, directoryMiB: 1 + 4 * hours },
    });
    expect(whatGrows(soak(kept))).toEqual([]);
    expect(soaking(soak(kept)).join("\n")).toContain("**Flat**");
    expect(soakSvg(soak(kept), "2026-11-26")).not.toMatch(/NaN|undefined|Infinity/);
  });

  it.each(["memoryMiB", "files", "threads"] as const)("is not where %s of a process grow", (what) => {
    const growing = (hours: number) => ({ gateway: { ...HELD, [what]: HELD[what] * (1 + hours) } });
    expect(whatGrows(soak(growing))).toHaveLength(1);
    expect(soaking(soak(growing)).join("\n")).toContain("**Not flat**");
  });

  it("is not where a call was answered otherwise than it should be", () => {
    expect(whatGrows(soak(() => ({}), { "list, REST: 503": 2 }))).toEqual(["list, REST: 503, 2 times"]);
  });
});

it("the crowd makes every kind of call, and keeps about its size", () => {
  const crowd = new Crowd(20);
  const made = new Set<string>();
  for (let n = 0; n < 20_000; n++) {
    const { kind, person, done } = crowd.next(n < 20 ? "new user" : undefined);
    made.add(kind);
    done?.({ isExpected: true, code: "ok", body: crypto.randomUUID() });
    person.isCalling = false;
  }
  expect([...made].toSorted()).toEqual(Object.keys(MIX).toSorted());
  // Who has been erased leaves room for the next new user.
  expect(crowd.size).toBeLessThanOrEqual(20);
  expect(crowd.size).toBeGreaterThan(10);
});
