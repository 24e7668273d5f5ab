import { describe, expect, it } from "vitest";
import { type TokenBucket, take } from "../../../../src/worker/core/token-bucket.ts";
import { OPERATION_BURST_DEFAULT, OPERATION_RATE_PER_SECOND_DEFAULT } from "../../../../src/worker/model/limits.ts";
import { ThrottledCalls } from "../../../../src/worker/transport/users/throttled-calls.ts";

const NOW = 1_800_000_000_000;
const REFUSED = { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 100 } as const;
const OK = { kind: "ok", response: {} } as const;

function noted(answer: Parameters<ThrottledCalls["note"]>[2] = REFUSED): ThrottledCalls {
  const throttledCalls = new ThrottledCalls();
  throttledCalls.note("register a", NOW, answer);
  return throttledCalls;
}

describe("a call that a user's object has just refused for its rate", () => {
  it("is refused until the time that the object named, and told what is left of it", () => {
    expect(noted().refusal("register a", NOW + 30)).toEqual({ ...REFUSED, retryAfterMs: 70 });
    expect(noted().refusal("register a", NOW + 99)).toEqual({ ...REFUSED, retryAfterMs: 1 });
    expect(noted().refusal("register a", NOW + 100)).toBeUndefined();
  });

  it("is no matter of other operations and other users", () => {
    expect([noted().refusal("list a", NOW), noted().refusal("register b", NOW)]).toEqual([undefined, undefined]);
  });

  it("is asked anew when the clock has stepped back", () => {
    expect(noted().refusal("register a", NOW - 1)).toBeUndefined();
  });

  it("is forgotten once the object has served it", () => {
    const throttledCalls = noted();
    throttledCalls.note("register a", NOW + 10, OK);
    expect(throttledCalls.refusal("register a", NOW + 10)).toBeUndefined();
  });

  it("is remembered for no other reason, for none is as short", () => {
    const forgotten = noted({ ...REFUSED, reason: "TOO_MANY_DEREGISTRATIONS", retryAfterMs: 86_400_000 });
    expect(forgotten.refusal("register a", NOW)).toBeUndefined();
  });

  it("is forgotten when ten thousand others have come", () => {
    const throttledCalls = noted();
    for (let other = 0; other < 10_000; other++) {
      expect(throttledCalls.refusal("register a", NOW)).toBeDefined();
      throttledCalls.note(`register ${other}`, NOW, REFUSED);
    }
    expect(throttledCalls.refusal("register a", NOW)).toBeUndefined();
  });
});

/** How many calls of a flood a bucket serves, asked itself or only when nothing else tells, and how often it is asked. */
function flood(throttledCalls?: ThrottledCalls): { served: number; asked: number } {
  const rate = { perSecond: OPERATION_RATE_PER_SECOND_DEFAULT, burst: OPERATION_BURST_DEFAULT };
  const counts = { served: 0, asked: 0 };
  let bucket: TokenBucket | undefined;
  for (let now = NOW; now < NOW + 10_000; now += 3) {
    if (throttledCalls?.refusal("register a", now) === undefined) {
      const { bucket: next, waitMs } = take(bucket, rate, now);
      bucket = next;
      counts.asked += 1;
      counts.served += waitMs === 0 ? 1 : 0;
      throttledCalls?.note("register a", now, waitMs === 0 ? OK : { ...REFUSED, retryAfterMs: waitMs });
    }
  }
  return counts;
}

describe("a flood of calls", () => {
  it("is served as often as the object would serve it, and asks it no more than once for each wait", () => {
    const { served, asked } = flood(new ThrottledCalls());
    expect(served).toBe(flood().served);
    expect(asked).toBeLessThanOrEqual(2 * served);
  });
});
