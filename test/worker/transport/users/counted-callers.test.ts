import { describe, expect, it } from "vitest";
import { CountedCallers } from "../../../../src/worker/transport/users/counted-callers.ts";

function counted(max: number) {
  const clock = { now: 1_800_000_000_000 };
  const callers = new CountedCallers(max, () => clock.now);
  const call = async (key: string) => (await callers.limit({ key })).success;
  return { clock, call };
}

describe("callers counted in memory", () => {
  it("each may make so many calls in a period, and is served again in the next", async () => {
    const { clock, call } = counted(2);
    expect([await call("a"), await call("a"), await call("a"), await call("b")]).toEqual([true, true, false, true]);
    clock.now += 9_999;
    expect(await call("a")).toBe(false);
    clock.now += 1;
    expect(await call("a")).toBe(true);
  });

  it("are not kept out by a clock that steps back", async () => {
    const { clock, call } = counted(1);
    expect([await call("a"), await call("a")]).toEqual([true, false]);
    clock.now -= 3_600_000;
    expect(await call("a")).toBe(true);
  });

  it("are served, and not counted, beyond as many as are kept", async () => {
    const { call } = counted(1);
    for (let n = 0; n < 10_000; n++) {
      await call(`caller ${n}`);
    }
    expect([await call("caller 0"), await call("late"), await call("late")]).toEqual([false, true, true]);
  });
});
