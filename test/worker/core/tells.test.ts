import { describe, expect, it } from "vitest";
import { tellsOf, withTells } from "../../../src/worker/core/tells.ts";
import type { Endpoint, Row, Tombstone } from "../../../src/worker/model/endpoint.ts";
import type { DeviceKeys } from "../../../src/worker/model/tells.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const keys: DeviceKeys = ({ deviceToken }) => deviceToken;
const LATER = NOW + 60_000;

/** What is told when a row is written in place of another. */
function write(row: Row, before?: Row) {
  const { changes, tells } = withTells({ put: [row] }, () => before, keys);
  return { row: changes.put?.[0], tells };
}

function hold(n: number, more: object = {}) {
  return { kind: "hold", device: `device-${n}`, endpointId: idOf(1), at: NOW, change: "registered", ...more };
}

function release(n: number, more: object = {}) {
  return { kind: "release", device: `device-${n}`, endpointId: idOf(1), at: NOW, ...more };
}

const ROTATED: Endpoint = {
  ...endpoint(1),
  deviceToken: "device-2",
  deviceTokenAt: LATER,
  formerDevice: { device: "device-1", at: NOW },
};

describe("what the Directory is told when a row is written", () => {
  it("a new endpoint has its device", () => {
    expect(write(endpoint(1))).toEqual({ row: endpoint(1), tells: [hold(1)] });
  });

  it("another device is held, and the former one released and remembered", () => {
    const { formerDevice: _, ...row } = ROTATED;
    expect(write(row, endpoint(1))).toEqual({
      row: ROTATED,
      tells: [hold(2, { at: LATER, change: "rotated" }), release(1)],
    });
  });

  it("a further one releases both former ones, and the last is remembered", () => {
    const row = { ...ROTATED, deviceToken: "device-3", deviceTokenAt: LATER + 1 };
    expect(write(row, ROTATED)).toEqual({
      row: { ...row, formerDevice: { device: "device-2", at: LATER } },
      tells: [hold(3, { at: LATER + 1, change: "rotated" }), release(2, { at: LATER }), release(1)],
    });
  });

  it("back to the former device does not release that", () => {
    const { row, tells } = write({ ...ROTATED, deviceToken: "device-1", deviceTokenAt: LATER + 1 }, ROTATED);
    expect(tells).toEqual([hold(1, { at: LATER + 1, change: "rotated" }), release(2, { at: LATER })]);
    expect(row).toMatchObject({ formerDevice: { device: "device-2", at: LATER } });
  });

  it("a confirmation releases the former device once more, and forgets it", () => {
    const { row, tells } = write({ ...ROTATED, deviceTokenAt: LATER + 1 }, ROTATED);
    expect(tells).toEqual([hold(2, { at: LATER + 1, change: "rotated" }), release(1)]);
    expect(row).not.toHaveProperty("formerDevice");
  });

  it("what has happened is not older than the naming of the token, if the clock stepped back between", () => {
    const before = { ...endpoint(1), deviceTokenAt: LATER };
    const row = { ...before, inactiveSince: NOW + 1, lastUpdatedAt: NOW + 1 };
    expect(write(row, before).tells).toMatchObject([{ kind: "note", note: "deactivated", happenedAt: LATER }]);
  });

  it("a rename releases it too, and does not forget it: it confirms nothing", () => {
    const { row, tells } = write({ ...ROTATED, name: "new", lastUpdatedAt: LATER }, ROTATED);
    expect(tells).toEqual([hold(2, { at: LATER, change: "rotated", note: "updated", happenedAt: LATER }), release(1)]);
    expect(row).toMatchObject({ formerDevice: { device: "device-1" } });
  });

  it("a rename is a note, be it in the millisecond of the one before; what only confirms is none", () => {
    expect(write({ ...endpoint(1), name: "new" }, endpoint(1)).tells).toMatchObject([{ note: "updated" }]);
    const { tells } = write({ ...endpoint(1), deviceTokenAt: LATER }, endpoint(1));
    expect(tells).toEqual([hold(1, { at: LATER, change: "rotated" })]);
  });

  it("a tombstone releases its device and the former one, and keeps both until the purge", () => {
    const held = [
      { device: "device-2", at: LATER },
      { device: "device-1", at: NOW },
    ];
    expect(write(tombstone(1, LATER), ROTATED)).toEqual({
      row: { ...tombstone(1, LATER), held },
      tells: [
        release(2, { at: LATER, change: "deregistered", happenedAt: LATER }),
        release(1, { change: "deregistered", happenedAt: LATER }),
      ],
    });
  });

  it("an endpoint that becomes INACTIVE is a note, and holds nothing", () => {
    const row = { ...endpoint(1), inactiveSince: LATER, lastUpdatedAt: LATER };
    const { change: _, ...note } = hold(1, { kind: "note", note: "deactivated", happenedAt: LATER }) as ReturnType<
      typeof hold
    >;
    expect(write(row, endpoint(1)).tells).toEqual([note]);
  });

  it("one that is ACTIVE again holds, and one that was suspected anew holds what it held", () => {
    const inactive = { ...endpoint(1), inactiveSince: NOW };
    expect(write({ ...endpoint(1), deviceTokenAt: LATER }, inactive).tells).toEqual([
      hold(1, { at: LATER, change: "rotated", note: "reactivated", happenedAt: LATER }),
    ]);
    expect(write({ ...endpoint(1), suspectedAt: NOW }, endpoint(1)).tells).toEqual([hold(1)]);
  });

  it("an expired tombstone that makes way is released once more, as the purge would", () => {
    const expired: Tombstone = { ...tombstone(0, 0), held: [{ device: "device-0", at: 5 }] };
    const { tells } = withTells(
      { put: [endpoint(1)], drop: [expired.endpointId] },
      (id) => (id === expired.endpointId ? expired : undefined),
      keys,
    );
    expect(tells).toEqual([
      hold(1),
      { kind: "release", device: "device-0", endpointId: idOf(0), at: 5, change: "deregistered", happenedAt: 0 },
    ]);
  });
});

describe("what it is told where nothing is written", () => {
  it("what is true of the rows that the call was about", () => {
    const about = [endpoint(1), { ...tombstone(2, NOW), held: [{ device: "device-2", at: NOW }] }];
    expect(withTells({ about }, () => undefined, keys).tells).toEqual([
      hold(1),
      { ...release(2, { change: "deregistered", happenedAt: NOW }), endpointId: idOf(2) },
    ]);
  });

  it("and not twice where the row was written", () => {
    const { tells } = withTells({ put: [endpoint(1)], about: [endpoint(1)] }, () => endpoint(1), keys);
    expect(tells).toEqual([hold(1)]);
  });

  it("an INACTIVE endpoint never holds, and releases its former device", () => {
    expect(tellsOf({ ...endpoint(1), inactiveSince: NOW }, keys)).toEqual([]);
    expect(tellsOf({ ...ROTATED, inactiveSince: NOW }, keys)).toEqual([release(1)]);
  });
});
