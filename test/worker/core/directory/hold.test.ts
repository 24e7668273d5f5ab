import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideHold, isReleased } from "../../../../src/worker/core/directory/hold.ts";
import type { DevicesMode, Holding } from "../../../../src/worker/model/holding.ts";
import { CLOCKS_APART_MAX_MS } from "../../../../src/worker/model/limits.ts";
import type { Tell } from "../../../../src/worker/model/tells.ts";
import { NOW } from "../../../support/rows.ts";

const DEVICE = "instance/device";

function who(user: string) {
  return { user, userArn: user };
}

function hold(at: number, endpointId = "1"): Tell {
  return { kind: "hold", device: DEVICE, endpointId, at };
}

function holding(user: string, at: number, more: Partial<Holding> = {}): Holding {
  return { device: DEVICE, ...who(user), endpointId: "1", at, ...more };
}

function known(holdings: readonly Holding[], user: string) {
  return {
    own: holdings.find((holding) => holding.user === user),
    holders: () => holdings.filter(({ isLost }) => !isLost),
  };
}

/** The holdings after a user has told that they have the device, and what was answered. */
function hear(holdings: readonly Holding[], user: string, tell: Tell, now = NOW, mode: DevicesMode = "move") {
  const { put, standing } = decideHold(known(holdings, user), who(user), tell, { mode, now });
  const others = holdings.filter((before) => !put.some((written) => written.user === before.user));
  return {
    holdings: [...others, ...put].toSorted((a, b) => (a.user < b.user ? -1 : 1)),
    standing,
    written: put.length,
  };
}

function holders(holdings: readonly Holding[]): string[] {
  return holdings.filter(({ isLost }) => !isLost).map(({ user }) => user);
}

describe("with DEVICES=move", () => {
  it("whoever named the device last has it, in whatever order and however often it is heard", () => {
    const told = fc.record({ user: fc.constantFrom("a", "b", "c"), at: fc.integer({ min: NOW - 3, max: NOW }) });
    fc.assert(
      fc.property(fc.array(told, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (all, chance) => {
        const [last] = all.toSorted((a, b) => b.at - a.at || (a.user < b.user ? 1 : -1));
        const shuffled = [...all, ...all].toSorted(() => (Number(chance.next().value) % 2) - 0.5);
        let holdings: readonly Holding[] = [];
        for (const { user, at } of shuffled) {
          holdings = hear(holdings, user, hold(at)).holdings;
        }
        expect(holders(holdings)).toEqual([last?.user]);
      }),
    );
  });

  it.each([["a"], ["b"]])("in the same millisecond the later ARN has it, even if %s is heard last", (heardLast) => {
    const heardFirst = heardLast === "a" ? "b" : "a";
    const { holdings } = hear(hear([], heardFirst, hold(NOW)).holdings, heardLast, hold(NOW));
    expect(holders(holdings)).toEqual(["b"]);
  });

  it("the one before has lost it, and stays as a loser", () => {
    expect(hear([holding("a", NOW - 1)], "b", hold(NOW))).toEqual({
      holdings: [holding("a", NOW - 1, { isLost: true }), holding("b", NOW)],
      standing: undefined,
      written: 2,
    });
  });

  it("who comes with an older time has lost it at once, and hears of the newer", () => {
    expect(hear([holding("b", NOW)], "a", hold(NOW - 1))).toEqual({
      holdings: [holding("a", NOW - 1, { isLost: true }), holding("b", NOW)],
      standing: NOW,
      written: 1,
    });
  });

  it("the same again writes nothing", () => {
    expect(hear([holding("a", NOW)], "a", hold(NOW))).toMatchObject({ standing: undefined, written: 0 });
    expect(hear([holding("a", NOW)], "a", hold(NOW - 1))).toMatchObject({ standing: undefined, written: 0 });
  });

  it("what was lost is not believed again, and hears who stands against it", () => {
    const lost = holding("a", NOW - 5, { isLost: true });
    expect(hear([lost, holding("b", NOW)], "a", hold(NOW - 5))).toMatchObject({ standing: NOW, written: 0 });
    // Nobody does any more: then what is just newer than its own.
    expect(hear([lost], "a", hold(NOW - 5))).toMatchObject({ standing: NOW - 4, written: 0 });
    expect(hear([lost, holding("b", NOW)], "a", hold(NOW + 1))).toMatchObject({ standing: undefined, written: 2 });
  });

  it("of whoever tells it, the name alone counts: a loser who has it by a newer right holds it", () => {
    const lost = holding("a", NOW - 5, { isLost: true, claimedAt: NOW - 4 });
    const { put } = decideHold(known([lost, holding("b", NOW - 1)], "a"), lost, hold(NOW), { mode: "move", now: NOW });
    expect(put).toEqual([holding("a", NOW), holding("b", NOW - 1, { isLost: true })]);
  });

  it("a holding that another endpoint of the same user takes is that endpoint's", () => {
    const { holdings } = hear([holding("a", NOW - 1)], "a", hold(NOW, "2"));
    expect(holdings).toEqual([holding("a", NOW, { endpointId: "2" })]);
  });

  describe("a clock that is ahead", () => {
    const far = NOW + CLOCKS_APART_MAX_MS + 1;

    it("counts as it is up to a minute", () => {
      expect(hear([], "a", hold(NOW + CLOCKS_APART_MAX_MS)).holdings).toEqual([
        holding("a", NOW + CLOCKS_APART_MAX_MS),
      ]);
    });

    it("counts as now beyond, and what it said is kept", () => {
      expect(hear([], "a", hold(far)).holdings).toEqual([holding("a", NOW, { claimedAt: far })]);
      const { holdings } = hear(hear([], "a", hold(far)).holdings, "b", hold(NOW + 1), NOW + 1);
      expect(holders(holdings)).toEqual(["b"]);
    });

    it("is not news of the same user unless it says more", () => {
      expect(hear([holding("a", NOW, { claimedAt: far })], "a", hold(far))).toMatchObject({ written: 0 });
      expect(hear([holding("a", NOW, { claimedAt: far })], "a", hold(far + 1))).toMatchObject({ written: 1 });
    });

    it("loses to anybody once it was set back, and whoever else is heard of has the device", () => {
      const before = holding("a", NOW + 300_000);
      expect(hear([before], "b", hold(NOW))).toEqual({
        holdings: [{ ...before, isLost: true }, holding("b", NOW)],
        standing: undefined,
        written: 2,
      });
    });
  });
});

describe("with DEVICES=share", () => {
  it("everybody has it, and nobody loses it", () => {
    const both = hear([holding("b", NOW)], "a", hold(NOW - 1), NOW, "share");
    expect(both).toEqual({ holdings: [holding("a", NOW - 1), holding("b", NOW)], standing: undefined, written: 1 });
    expect(hear(both.holdings, "a", hold(NOW - 1), NOW, "share")).toMatchObject({ written: 0 });
  });

  it("who lost it before has it again by naming it", () => {
    const lost = holding("a", NOW - 5, { isLost: true });
    expect(hear([lost, holding("b", NOW)], "a", hold(NOW + 1), NOW, "share").holdings).toEqual([
      holding("a", NOW + 1),
      holding("b", NOW),
    ]);
  });

  it("a device of several has one user from the next time that one of them names it, once devices move", () => {
    const { holdings } = hear([holding("a", NOW - 2), holding("b", NOW - 1)], "a", hold(NOW));
    expect(holders(holdings)).toEqual(["a"]);
  });
});

describe("a release", () => {
  const released = (tell: Partial<Tell>, own = holding("a", NOW)) =>
    isReleased(own, { ...hold(NOW), kind: "release", ...tell });

  it("is of the endpoint and not of what it held later", () => {
    expect(released({})).toBe(true);
    expect(released({ at: NOW + 1 })).toBe(true);
    expect(released({ at: NOW - 1 })).toBe(false);
    expect(released({ endpointId: "2" })).toBe(false);
  });

  it("is of a holding that was lost too, and goes by the time that the user's object said", () => {
    const lost = holding("a", NOW, { isLost: true, claimedAt: NOW + 9 });
    expect(released({ at: NOW + 9 }, lost)).toBe(true);
    expect(released({ at: NOW + 8 }, lost)).toBe(false);
  });
});
