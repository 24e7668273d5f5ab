import { describe, expect, it } from "vitest";
import { decideLoss, decideNotHeld } from "../../../src/worker/core/take.ts";
import type { Endpoint } from "../../../src/worker/model/endpoint.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";

const keys = ({ deviceToken }: { deviceToken: string }) => deviceToken;
const LATER = NOW + 60_000;

describe("a user who loses a device", () => {
  const lose = (row: Endpoint, lostAt = NOW, now = LATER) =>
    decideLoss([endpoint(0), row, tombstone(2, NOW)], { appInstanceArn: "", device: "device-1", lostAt }, keys, now);

  it("has its endpoint INACTIVE, and what was held against it is forgotten", () => {
    expect(lose({ ...endpoint(1), suspectedAt: NOW })).toEqual({
      put: [{ ...endpoint(1), inactiveSince: LATER, lastUpdatedAt: LATER }],
    });
  });

  it("keeps the time at which the device was named: it must not win by its loss", () => {
    const [row] = lose({ ...endpoint(1), deviceTokenAt: NOW - 5 }).put ?? [];
    expect(row).toMatchObject({ deviceTokenAt: NOW - 5 });
  });

  it("does not lose it where it was named since, and says so", () => {
    const newer = { ...endpoint(1), deviceTokenAt: NOW + 1 };
    expect(lose(newer)).toEqual({ newer });
    expect(lose({ ...newer, deviceTokenAt: NOW })).toMatchObject({ put: [{ endpointId: idOf(1) }] });
  });

  it("changes nothing where it is INACTIVE, however new, or not there", () => {
    expect(lose({ ...endpoint(1), deviceTokenAt: NOW + 1, inactiveSince: NOW })).toEqual({});
    expect(lose(endpoint(3))).toEqual({});
  });

  it("is not told twice with a later change", () => {
    const [row] = lose(endpoint(1)).put ?? [];
    expect(lose(row as Endpoint)).toEqual({});
  });

  it("does not go back in time where its clock steps back", () => {
    expect(lose({ ...endpoint(1), lastUpdatedAt: LATER + 1 }).put).toMatchObject([{ lastUpdatedAt: LATER + 1 }]);
  });
});

describe("a call that does not hold the device that it presented", () => {
  const write = (row: Endpoint | undefined, standing: number, calledAt = LATER) =>
    decideNotHeld(row, { appInstanceArn: "", device: "device-1", endpointId: idOf(1), calledAt, standing }, keys);

  it("is written with its own time, and as a launch that says nothing new", () => {
    expect(write(endpoint(1), NOW)).toEqual({ put: [{ ...endpoint(1), deviceTokenAt: LATER }] });
  });

  it("is written just after what stands against it, where that is of the same time", () => {
    expect(write(endpoint(1), LATER).put).toMatchObject([{ deviceTokenAt: LATER + 1 }]);
  });

  it("makes its endpoint ACTIVE", () => {
    const [row] = write({ ...endpoint(1), inactiveSince: NOW, suspectedAt: NOW }, NOW).put ?? [];
    expect(row).toEqual({ ...endpoint(1), deviceTokenAt: LATER, lastUpdatedAt: LATER });
  });

  it("does nothing where that is not newer, or where the endpoint has another device, or is gone", () => {
    expect(write({ ...endpoint(1), deviceTokenAt: LATER }, NOW)).toEqual({});
    expect(write({ ...endpoint(2), endpointId: idOf(1) }, NOW)).toEqual({});
    expect(write(undefined, NOW)).toEqual({});
  });
});
