import { describe, expect, it } from "vitest";
import { eventId } from "../../../../../src/worker/core/directory/events/cloud-event.ts";
import { eventsOfHold, eventsOfRelease } from "../../../../../src/worker/core/directory/events/happened.ts";
import { decideHold } from "../../../../../src/worker/core/directory/hold.ts";
import type { DevicesMode, Holding } from "../../../../../src/worker/model/holding.ts";
import type { Tell } from "../../../../../src/worker/model/tells.ts";

const NOW = 1_000_000;
const ALICE = { user: "a", userArn: "alice" };
const BOB = { user: "b", userArn: "bob" };
type Who = typeof ALICE;

function holding({ user, userArn }: Who, endpointId: string, at: number, more: Partial<Holding> = {}): Holding {
  return { device: "d", user, userArn, endpointId, at, ...more };
}

/** What is told when a hold is heard where there are these holdings. */
function heard(before: readonly Holding[], who: Who, more: Partial<Tell>, mode: DevicesMode = "move"): string[] {
  const tell: Tell = { kind: "hold", device: "d", endpointId: "e", at: NOW, change: "registered", ...more };
  const own = before.find(({ user }) => user === who.user);
  const holders = () => before.filter(({ isLost }) => !isLost);
  const held = decideHold({ own, holders }, who, tell, { mode, now: NOW });
  return eventsOfHold(own, who, tell, held).map((event) => eventId({ ...event, source: "" }));
}

describe("what is told of a hold", () => {
  it("that comes late: what has happened, and that the device is another's", () => {
    expect(heard([holding(BOB, "e2", 9)], ALICE, { endpointId: "e1", at: 5 })).toEqual([
      "e1/registered/5",
      "e1/moved/9",
    ]);
  });

  it("that loses once more: nothing", () => {
    const before = [holding(BOB, "e2", 9), holding(ALICE, "e1", 5, { isLost: true })];
    expect(heard(before, ALICE, { endpointId: "e1", at: 7, change: "rotated" })).toEqual([]);
  });

  it("where devices are shared: nothing of the others", () => {
    expect(heard([holding(BOB, "e2", 5)], ALICE, { endpointId: "e1", at: 9 }, "share")).toEqual(["e1/registered/9"]);
  });

  it("where they were shared: that all the others have lost the device", () => {
    const before = [holding(BOB, "e2", 5), holding({ user: "c", userArn: "carol" }, "e3", 6)];
    expect(heard(before, ALICE, { endpointId: "e1", at: 9 })).toEqual(["e1/registered/9", "e2/moved/9", "e3/moved/9"]);
  });

  it("with a note that its device is back: that, and once", () => {
    const before = [holding(BOB, "e2", 9), holding(ALICE, "e1", 5, { isLost: true })];
    const back = { endpointId: "e1", at: 10, change: "rotated", note: "reactivated", happenedAt: 11 } as const;
    expect(heard(before, ALICE, back)).toEqual(["e1/reactivated/11", "e2/moved/10"]);
  });

  it("of a clock that is ahead: no time before that of which the loser was told", () => {
    const before = [holding(BOB, "e2", 5, { claimedAt: NOW + 120_000 })];
    expect(heard(before, ALICE, { endpointId: "e1", at: NOW })).toEqual([
      ...[`e1/registered/${NOW}`, `e2/moved/${NOW + 120_000}`],
    ]);
  });
});

describe("what is told of a release", () => {
  it("is nothing where an endpoint has another device since", () => {
    const tell: Tell = { kind: "release", device: "d", endpointId: "e1", at: 5 };
    expect(eventsOfRelease(holding(ALICE, "e1", 5), tell)).toEqual([]);
  });
});
