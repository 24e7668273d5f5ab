import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideDeregister } from "../../../src/worker/core/deregister.ts";
import { nextEndpointId, RANDOM_BYTES } from "../../../src/worker/core/endpoint-id.ts";
import { decidePurge } from "../../../src/worker/core/purge.ts";
import { decideRegister } from "../../../src/worker/core/register.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { ENDPOINTS_PER_USER_MAX, ROWS_PER_USER_MAX } from "../../../src/worker/model/limits.ts";
import { deregistering, device } from "../../support/requests.ts";
import { applied, NOW, RULES } from "../../support/rows.ts";

const HOUR_MS = 3_600_000;

/** A user of whose token a thief makes the most, in the time of a clock that only goes on. */
class Robbed {
  now = NOW;
  rows: Row[] = [];
  #made = 0;
  readonly #endpointsMax: number;

  constructor(endpointsMax: number) {
    this.#endpointsMax = endpointsMax;
  }

  register() {
    const decision = decideRegister(this.rows, device(this.#made++), {
      ...RULES,
      now: this.now,
      endpointsMax: this.#endpointsMax,
      newId: (after) => nextEndpointId(after, this.now, new Uint8Array(RANDOM_BYTES)),
    });
    this.rows = applied(this.rows, decision);
    this.now += 100;
    return decision.answer;
  }

  deregister(count: number): void {
    for (const { endpointId } of this.rows.filter(({ state }) => state === "live").slice(0, count)) {
      this.rows = applied(this.rows, decideDeregister(this.rows, deregistering(endpointId), this.now));
    }
  }

  /** Registers, and deregisters unless that is kept, until it is told to wait. */
  churn(cycles: number, keeps: boolean) {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const answer = this.register();
      if (answer.kind === "throttled") {
        return answer;
      }
      this.deregister(keeps ? 0 : 1);
    }
    return undefined;
  }

  purge(): void {
    this.rows = applied(this.rows, decidePurge(this.rows, this.now));
  }
}

describe("whoever has a user's token", () => {
  it("shuts the user out for an hour at the most, whatever is registered and deregistered, and when", () => {
    const attack = fc.record({
      cycles: fc.nat(300),
      keeps: fc.boolean(),
      restMs: fc.constantFrom(0, 1_000, HOUR_MS / 2, HOUR_MS, 3 * HOUR_MS, 12 * HOUR_MS),
    });
    const endpointsMax = fc.constantFrom(1, 10, 300, ENDPOINTS_PER_USER_MAX);
    let refusals = 0;
    fc.assert(
      fc.property(endpointsMax, fc.array(attack, { maxLength: 40, size: "max" }), (max, attacks) => {
        const user = new Robbed(max);
        for (const { cycles, keeps, restMs } of attacks) {
          user.purge();
          const refusal = user.churn(cycles, keeps);
          expect(refusal?.retryAfterMs ?? 0).toBeLessThanOrEqual(HOUR_MS);
          refusals += refusal === undefined ? 0 : 1;
          expect(user.rows.length).toBeLessThanOrEqual(ROWS_PER_USER_MAX);
          user.now += restMs;
        }
      }),
      { numRuns: 15 },
    );
    expect(refusals).toBeGreaterThan(0);
  });

  it("leaves the user 260 registrations at once, then ten an hour, after the time that is named and not before", () => {
    const user = new Robbed(10);
    const untilRefused = () => {
      for (let made = 0; ; made++) {
        const answer = user.register();
        if (answer.kind !== "ok") {
          const retryAfterMs = answer.kind === "throttled" ? answer.retryAfterMs : Number.NaN;
          user.now += retryAfterMs - 101;
          expect(user.register().kind).toBe("throttled");
          user.now -= 99;
          return made;
        }
        user.deregister(1);
      }
    };
    expect([untilRefused(), untilRefused()]).toEqual([260, 10]);
    user.now += HOUR_MS;
    expect(untilRefused()).toBe(10);
    user.now += 24 * HOUR_MS;
    user.purge();
    expect(untilRefused()).toBe(260);
  });
});
