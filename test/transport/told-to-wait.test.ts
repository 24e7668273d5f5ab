import { describe, expect, it } from "vitest";
import { type TokenBucket, take } from "../../src/core/token-bucket.ts";
import { OPERATION_BURST_DEFAULT, OPERATION_RATE_PER_SECOND_DEFAULT } from "../../src/model/limits.ts";
import { ToldToWait } from "../../src/transport/told-to-wait.ts";

const NOW = 1_800_000_000_000;
const REFUSED = { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 100 } as const;
const OK = { kind: "ok", response: {} } as const;

function told(answer: Parameters<ToldToWait["note"]>[2] = REFUSED): ToldToWait {
  const toldToWait = new ToldToWait();
  toldToWait.note("register a", NOW, answer);
  return toldToWait;
}

describe("a call that a user's object has just refused for its rate", () => {
  it("is refused until the time that the object named, and told what is left of it", () => {
    expect(told().refusal("register a", NOW + 30)).toEqual({ ...REFUSED, retryAfterMs: 70 });
    expect(told().refusal("register a", NOW + 99)).toEqual({ ...REFUSED, retryAfterMs: 1 });
    expect(told().refusal("register a", NOW + 100)).toBeUndefined();
  });

  it("is no matter of other operations and other users", () => {
    expect([told().refusal("list a", NOW), told().refusal("register b", NOW)]).toEqual([undefined, undefined]);
  });

  it("is asked anew when the clock has stepped back", () => {
    expect(told().refusal("register a", NOW - 1)).toBeUndefined();
  });

  it("is forgotten once the object has served it", () => {
    const toldToWait = told();
    toldToWait.note("register a", NOW + 10, OK);
    expect(toldToWait.refusal("register a", NOW + 10)).toBeUndefined();
  });

  it("is remembered for no other reason, for none is as short", () => {
    const forgotten = told({ ...REFUSED, reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 86_400_000 });
    expect(forgotten.refusal("register a", NOW)).toBeUndefined();
  });

  it("is forgotten when ten thousand others have come", () => {
    const toldToWait = told();
    for (let other = 0; other < 10_000; other++) {
      expect(toldToWait.refusal("register a", NOW)).toBeDefined();
      toldToWait.note(`register ${other}`, NOW, REFUSED);
    }
    expect(toldToWait.refusal("register a", NOW)).toBeUndefined();
  });
});

/** How many calls of a flood a bucket serves, asked itself or only when nothing else tells, and how often it is asked. */
function flood(toldToWait?: ToldToWait): { served: number; asked: number } {
  const rate = { perSecond: OPERATION_RATE_PER_SECOND_DEFAULT, burst: OPERATION_BURST_DEFAULT };
  const counts = { served: 0, asked: 0 };
  let bucket: TokenBucket | undefined;
  for (let now = NOW; now < NOW + 10_000; now += 3) {
    if (toldToWait?.refusal("register a", now) === undefined) {
      const { bucket: next, waitMs } = take(bucket, rate, now);
      bucket = next;
      counts.asked += 1;
      counts.served += waitMs === 0 ? 1 : 0;
      toldToWait?.note("register a", now, waitMs === 0 ? OK : { ...REFUSED, retryAfterMs: waitMs });
    }
  }
  return counts;
}

describe("a flood of calls", () => {
  it("is served as often as the object would serve it, and asks it no more than once for each wait", () => {
    const { served, asked } = flood(new ToldToWait());
    expect(served).toBe(flood().served);
    expect(asked).toBeLessThanOrEqual(2 * served);
  });
});
