/** What holds of any failures of any endpoints, in any order and reported as often as you like. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deviceTokenAtOf } from "../../../src/worker/core/confirm.ts";
import { decideReport } from "../../../src/worker/core/report.ts";
import type { Endpoint, Row } from "../../../src/worker/model/endpoint.ts";
import { type Failed, reporting } from "../../support/requests.ts";
import { applied, endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const DAY_MS = 86_400_000;

/** When the failures are reported. */
const LATER = NOW + 30 * DAY_MS;

function report(rows: readonly Row[], failures: readonly Failed[], now = LATER) {
  const row = (id: string) => rows.find(({ endpointId }) => endpointId === id);
  const { answer, put = [] } = decideReport(row, reporting(...failures), now);
  return { put, results: answer.kind === "ok" ? answer.response.results : [], rows: applied(rows, { put }) };
}

describe("any failures", () => {
  const reason = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("BadDeviceToken", "BADDEVICETOKEN") },
    { weight: 2, arbitrary: fc.constantFrom("Unregistered", "INVALID_ARGUMENT") },
  );
  const failure = fc.record({
    endpointId: fc.nat(3).map(idOf),
    deviceToken: fc.constantFrom("ab12", "ab12", "AB12", "cd34", "ef56"),
    reason,
    at: fc
      // None ahead: that one counts as now, which is another time when it is reported again.
      .oneof(fc.integer({ min: -1, max: 60 }), fc.integer({ min: 55, max: 60 }))
      .map((halfDays) => NOW + (halfDays * DAY_MS) / 2),
  });
  const live = fc.record({
    n: fc.nat(2),
    type: fc.constantFrom("GCM" as const, "APNS" as const),
    voip: fc.constantFrom({}, { voipDeviceToken: "cd34" }),
    deviceTokenAt: fc.integer({ min: 0, max: 30 }).map((days) => NOW + days * DAY_MS),
    mark: fc.constantFrom({}, { inactiveSince: LATER - 1 }, { suspectedAt: LATER - DAY_MS }),
  });
  const rowsOf = fc.uniqueArray(live, { selector: ({ n }) => n, minLength: 1 }).map((lives) => [
    ...lives.map(({ n, type, voip, deviceTokenAt, mark }): Endpoint => {
      const made = endpoint(n, { type, endpointAttributes: { deviceToken: "ab12", ...voip } });
      return { ...made, deviceTokenAt, ...mark };
    }),
    tombstone(3, NOW),
  ]);
  const failures = fc.array(failure, { minLength: 1, maxLength: 12 });

  it("change nothing more when they are reported again, at once or later, whole or in part", () => {
    fc.assert(
      fc.property(rowsOf, failures, fc.nat(40), fc.nat(11), (rows, failures, days, from) => {
        const after = report(rows, failures).rows;
        expect(report(after, failures, LATER + days * DAY_MS).put).toEqual([]);
        const part = failures.slice(from);
        expect(part.length === 0 ? [] : report(after, part, LATER + days * DAY_MS).put).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("come to the same in one report as in many", () => {
    fc.assert(
      fc.property(rowsOf, failures, (rows, failures) => {
        let [one, results] = [rows as Row[], [] as unknown[]];
        for (const each of failures) {
          const reported = report(one, [each]);
          one = reported.rows;
          results = [...results, ...reported.results];
        }
        expect(report(rows, failures)).toMatchObject({ rows: one, results });
      }),
    );
  });

  it("never touch an endpoint whose token was named later, or that has another", () => {
    fc.assert(
      fc.property(rowsOf, failures, (rows, failures) => {
        const harmless = failures.filter((each) => {
          const row = rows.find(({ endpointId }) => endpointId === each.endpointId);
          return row?.state !== "live" || each.at < deviceTokenAtOf(row) || each.deviceToken === "ef56";
        });
        fc.pre(harmless.length > 0);
        expect(report(rows, harmless).put).toEqual([]);
      }),
    );
  });

  it("make an endpoint INACTIVE by a word that its token is gone, or by two that may say so, 24 hours apart", () => {
    let inactive = 0;
    fc.assert(
      fc.property(fc.array(failure, { minLength: 1, maxLength: 12 }), (failures) => {
        const named = endpoint(0, { type: "APNS", endpointAttributes: { deviceToken: "ab12" } });
        const about = failures.filter(({ endpointId, deviceToken, at }) => {
          return endpointId === idOf(0) && deviceToken.toLowerCase() === "ab12" && at >= NOW;
        });
        const isGone = about.some(({ reason }) => reason === "Unregistered");
        const suspicions = about.filter(({ reason }) => reason.toLowerCase() === "baddevicetoken");
        const times = suspicions.map(({ at }) => at);
        const isSuspect = Math.max(...times) - Math.min(...times) >= DAY_MS;
        const [row] = report([named], failures).rows;
        const isInactive = row?.state === "live" && row.inactiveSince !== undefined;
        inactive += isInactive ? 1 : 0;
        if (isInactive) {
          expect(isGone || isSuspect).toBe(true);
        } else {
          // Of more than two the one that is reported first is compared with, so it may take one more.
          expect(isGone || (isSuspect && suspicions.length === 2)).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(inactive).toBeGreaterThan(50);
  });

  it("are in whichever order, where each says by itself what it says", () => {
    fc.assert(
      fc.property(rowsOf, failures, fc.integer(), (rows, failures, seed) => {
        const certain = failures.filter(({ reason }) => !/bad/i.test(reason));
        fc.pre(certain.length > 0);
        const shuffled = certain.toSorted((a, b) => ((a.at * 31 + seed) % 97) - ((b.at * 31 + seed) % 97));
        expect(report(rows, shuffled).rows).toEqual(report(rows, certain).rows);
      }),
    );
  });
});
