import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TokenBucket, take } from "../../../src/worker/core/token-bucket.ts";

const rate = { perSecond: 10, burst: 20 };

describe("take", () => {
  it("allows a burst, then asks to wait for the next token", () => {
    let bucket: TokenBucket | undefined;
    for (let n = 0; n < rate.burst; n++) {
      const taken = take(bucket, rate, 0);
      expect(taken.waitMs).toBe(0);
      bucket = taken.bucket;
    }
    expect(take(bucket, rate, 0).waitMs).toBe(100);
    expect(take(bucket, rate, 60).waitMs).toBe(40);
    expect(take(bucket, rate, 100).waitMs).toBe(0);
  });

  it("neither gives nor takes when the clock steps back: the refill starts again from there", () => {
    const empty = { tokens: 0, refilledAt: 1_000_000 };
    const { bucket, waitMs } = take(empty, rate, 0);
    expect(waitMs).toBe(100);
    expect(take(bucket, rate, 100).waitMs).toBe(0);
  });

  it("never allows more than burst and rate, and always allows after the wait that it named", () => {
    fc.assert(
      fc.property(
        fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 50 }) }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        (someRate, pauses) => {
          let bucket: TokenBucket | undefined;
          let now = 0;
          let allowed = 0;
          for (const pause of pauses) {
            now += pause;
            const taken = take(bucket, someRate, now);
            allowed += taken.waitMs === 0 ? 1 : 0;
            if (taken.waitMs > 0) {
              expect(take(taken.bucket, someRate, now + taken.waitMs).waitMs).toBe(0);
            }
            bucket = taken.bucket;
          }
          expect(allowed).toBeLessThanOrEqual(someRate.burst + (now * someRate.perSecond) / 1_000 + 1e-6);
        },
      ),
    );
  });
});
