import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { monthlyTable, withDirectoryTable } from "../../bench/cost/directory.ts";
import { billOfMillion, demandOf, monthOf, nearest, stored, total } from "../../bench/cost/model.ts";
import { EMPTY_DATABASE_BYTES } from "../../bench/cost/prices.ts";
import { TYPICAL } from "../../bench/cost/typical.ts";

const REFUSAL = { cpuMillis: 0, objectCalls: 0, objectMillis: 0, rowsRead: 0, rowsWritten: 0, logLines: 0 } as const;

describe("a million calls", () => {
  it("cost their requests where they use nothing else", () => {
    expect(total(billOfMillion(REFUSAL))).toBeCloseTo(0.3);
  });

  it("cost what each of their parts does, and nothing besides", () => {
    const bill = billOfMillion({
      ...{ cpuMillis: 2, objectCalls: 1, objectMillis: 10, rowsRead: 2, rowsWritten: 1, logLines: 1 },
    });
    expect(bill).toEqual({
      requests: 0.3,
      // 2 million milliseconds.
      "CPU time": 0.04,
      "object calls": 0.15,
      // 10,000 seconds at 0.128 GB are 1,280 GB-s.
      "object time": expect.closeTo(0.016, 9),
      "rows read": 0.002,
      "rows written": 1,
      "log lines": 0.6,
    });
    expect(total(bill)).toBeCloseTo(2.108);
  });
});

describe("stored users", () => {
  it("take as much as an empty database at the least", () => {
    expect(stored(1e6, 1)).toEqual(stored(1e6, EMPTY_DATABASE_BYTES));
    expect(stored(1e6, 12_000).dollarsPerMonth).toBeCloseTo(12 * 0.2);
  });

  it("cost what their databases take where that is more", () => {
    expect(stored(1e6, 50_000)).toEqual({ bytes: 5e10, dollarsPerMonth: expect.closeTo(10, 9) });
  });
});

const WORLD = {
  ...{ users: 604_800, devicesPerUser: 2, registrationsPerDevicePerWeek: 1, releaseHours: 6 },
  ...{ launchesPerDevicePerDay: 1, newTokensPerDevicePerYear: 3 },
};

describe("a world of users", () => {
  it("asks for its weekly registrations, and for all of them within the hours of a release", () => {
    const demand = demandOf(WORLD);
    expect(demand.perSecond).toBeCloseTo(2);
    expect(demand.perMonth).toBeCloseTo(2 * 2_629_800);
    expect(demand.releasePerSecond).toBeCloseTo(56);
    // Ten seconds of calls, each to an object of its own.
    expect(demand.objectsAwake).toBeCloseTo(560);
    expect(demand.releaseCalls).toBe(1_209_600);
  });

  it("launches its apps each day, of which the first of a week writes a row", () => {
    const { launches, writingLaunches, newTokens } = monthOf(WORLD);
    expect(launches + writingLaunches).toBeCloseTo((1_209_600 * 365.25) / 12);
    expect(launches / writingLaunches).toBeCloseTo(6);
    expect(newTokens).toBe(1_209_600 / 4);
    const seldom = monthOf({ ...WORLD, launchesPerDevicePerDay: 1 / 14 });
    expect(seldom.launches).toBeCloseTo(0);
    expect(seldom.writingLaunches).toBeCloseTo(writingLaunches / 2);
  });

  it("meets first the limit of which it asks for the largest part", () => {
    const far = { name: "far", asked: 1_000, allowed: 10_000 };
    const near = { name: "near", asked: 2, allowed: 3 };
    expect(nearest([far, near])).toBe(near);
  });
});

describe("docs/deploying.md", () => {
  it("says what this model says", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/deploying.md"), "utf8").split("\n");
    expect(page).toEqual(expect.arrayContaining([...withDirectoryTable(TYPICAL), ...monthlyTable(TYPICAL)]));
  });
});
