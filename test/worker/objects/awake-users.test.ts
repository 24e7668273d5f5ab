import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AwakeUsers } from "../../../src/worker/objects/awake-users.ts";

const NOW = 1_800_000_000_000;

function full(): AwakeUsers {
  const users = new AwakeUsers(2);
  expect([users.enter("a", "caller a", NOW), users.enter("b", "caller b", NOW + 1_000)]).toEqual([
    undefined,
    undefined,
  ]);
  return users;
}

describe("as many users as may be awake", () => {
  it("go on, while another one is told how long to wait", () => {
    const users = full();
    expect(users.enter("c", "caller c", NOW + 2_000)).toEqual({
      kind: "unavailable",
      reason: "TOO_MANY_USERS",
      retryAfterMs: 10_000,
    });
    expect([users.enter("a", "caller a", NOW + 3_000), users.enter("b", "caller b", NOW + 3_000)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("make way once the one that called least recently is asleep", () => {
    const users = full();
    expect(users.enter("a", "caller a", NOW + 5_000)).toBeUndefined();
    expect(users.enter("c", "caller c", NOW + 12_999)).toMatchObject({ retryAfterMs: 1 });
    expect(users.enter("c", "caller c", NOW + 13_000)).toBeUndefined();
    expect(users.enter("b", "caller b", NOW + 13_000)).toMatchObject({ retryAfterMs: 4_000 });
  });

  it("are not kept by a clock that stepped back", () => {
    expect(full().enter("c", "caller c", NOW - 60_000)).toBeUndefined();
  });
});

describe("a caller who walks through users without end", () => {
  const walk = (users: AwakeUsers, caller: string, now: number) => {
    let entered = 0;
    while (users.enter(`${caller} ${now} ${entered}`, caller, now) === undefined) {
      entered++;
    }
    return entered;
  };

  it("gets four fifths of the room, and the next one four fifths of what that leaves", () => {
    const users = new AwakeUsers(1_000);
    expect([walk(users, "a", NOW), walk(users, "b", NOW), walk(users, "c", NOW)]).toEqual([800, 160, 32]);
  });

  it("is told when the first of its own users is asleep, and then goes on", () => {
    const users = new AwakeUsers(1_000);
    expect(users.enter("another's", "b", NOW)).toBeUndefined();
    expect(walk(users, "a", NOW + 1_000)).toBe(799);
    expect(users.enter("next", "a", NOW + 2_000)).toMatchObject({ retryAfterMs: 11_000 });
    expect(walk(users, "a", NOW + 13_000)).toBe(800);
  });

  it("leaves room for those who come with one user each, also where two walk, and whenever", () => {
    const step = fc.record({ caller: fc.constantFrom("a", "b"), afterMs: fc.nat(6_000) });
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 1_000 }), fc.array(step, { maxLength: 30 }), (max, steps) => {
        const users = new AwakeUsers(max);
        let now = NOW;
        for (const { caller, afterMs } of steps) {
          now += afterMs;
          walk(users, caller, now);
        }
        const people = Array.from({ length: Math.floor(max / 25) }, (_, n) => `person ${n}`);
        expect(people.filter((person) => users.enter(person, person, now) !== undefined)).toEqual([]);
      }),
    );
  });
});
