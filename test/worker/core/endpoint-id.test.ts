import fc from "fast-check";
import { validate, version } from "uuid";
import { describe, expect, it } from "vitest";
import { nextEndpointId, RANDOM_BYTES } from "../../../src/worker/core/endpoint-id.ts";

const random = fc.uint8Array({ minLength: RANDOM_BYTES, maxLength: RANDOM_BYTES });

describe("nextEndpointId", () => {
  it("is a UUIDv7 of the moment", () => {
    const id = nextEndpointId(undefined, 0x0123_4567_89ab, new Uint8Array(RANDOM_BYTES));
    expect(id).toBe("01234567-89ab-7000-8000-000000000000");
  });

  it("sorts after the one before, whatever the clock does", () => {
    const clock = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(clock, random), { minLength: 2, maxLength: 50 }), (steps) => {
        const ids: string[] = [];
        for (const [now, bytes] of steps) {
          ids.push(nextEndpointId(ids.at(-1), now, bytes));
        }
        expect(ids.toSorted()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
      }),
    );
  });
});
