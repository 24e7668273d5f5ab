import { describe, expect, it } from "vitest";
import { decideDelete } from "../../../src/worker/core/delete.ts";
import { decideRegister } from "../../../src/worker/core/register.ts";
import { TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { device } from "../../support/requests.ts";
import { applied, endpoint, NOW, RULES, tombstone } from "../../support/rows.ts";

describe("to erase a user", () => {
  const rows = [endpoint(0), { ...endpoint(1), inactiveSince: NOW }, tombstone(2, NOW - 5)];

  it("makes a tombstone of every endpoint, INACTIVE ones too, and tells of all rows", () => {
    const { answer, put, about, purgeAt } = decideDelete(rows, NOW);
    expect(answer).toEqual({ kind: "ok", response: {} });
    expect(put).toEqual([tombstone(0, NOW), tombstone(1, NOW)]);
    expect(about).toBe(rows);
    // An older tombstone has called the purge before.
    expect(purgeAt).toBeUndefined();
    expect(decideDelete(rows.slice(0, 2), NOW).purgeAt).toBe(NOW + TOMBSTONE_LIFETIME_MS);
  });

  it("succeeds where there is nothing, and again, and writes nothing then", () => {
    expect(decideDelete([], NOW)).toMatchObject({ answer: { kind: "ok" }, put: [], purgeAt: undefined });
    expect(decideDelete(applied(rows, decideDelete(rows, NOW)), NOW + 1)).toMatchObject({
      put: [],
      purgeAt: undefined,
    });
  });

  it("has a receipt that is the same however often it is repeated, and none where there was nothing", () => {
    const first = decideDelete(rows, NOW);
    expect(first.erased).toEqual({ at: NOW, endpoints: 3 });
    expect(decideDelete(applied(rows, first), NOW + 60_000).erased).toEqual(first.erased);
    expect(decideDelete([], NOW)).not.toHaveProperty("erased");
    expect(decideDelete([tombstone(2, NOW - TOMBSTONE_LIFETIME_MS)], NOW)).not.toHaveProperty("erased");
  });

  it("has a late retry of a registration refused", () => {
    const { answer } = decideRegister(applied(rows, decideDelete(rows, NOW)), device(1), { ...RULES, newId: () => "" });
    expect(answer).toMatchObject({ reason: "ENDPOINT_DEREGISTERED" });
  });
});
