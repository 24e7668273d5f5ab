import { fromJson } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, it } from "vitest";
import { PROTO3_JSON } from "../../../../src/worker/transport/messages/dialect.ts";

/** What Protobuf's own reader makes of it. */
function theirs(text: string): Pick<Timestamp, "seconds" | "nanos"> | undefined {
  try {
    const { seconds, nanos } = fromJson(TimestampSchema, text);
    return { seconds, nanos };
  } catch {
    return undefined;
  }
}

/** Mostly a time, and often one that there is not. */
const text = fc
  .tuple(
    fc.integer({ min: 0, max: 9_999 }).map((year) => String(year).padStart(4, "0")),
    ...["-", "-", "T", ":", ":"].map((before) =>
      fc.integer({ min: 0, max: before === "-" ? 32 : 61 }).map((part) => before + String(part).padStart(2, "0")),
    ),
    fc.oneof(fc.constant(""), fc.stringMatching(/^\.\d{1,10}$/)),
    fc.oneof(fc.constantFrom("Z", "z", ""), fc.stringMatching(/^[+-][0-2]\d:[0-6]\d$/)),
  )
  .map((parts) => parts.join(""));

it("a time in text is read as Protobuf's own reader has it", () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(PROTO3_JSON.time.read(value)).toEqual(theirs(value));
    }),
    { numRuns: 2_000, examples: [["2026-11-26T12:00:00Z"], ["1969-12-31T23:59:59.5+01:30"], ["2026-02-30T00:00:00Z"]] },
  );
});
