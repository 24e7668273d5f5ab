/** What holds for the times in requests. They are rules of ours: buf.validate's are of other things, or know no slack. */
import { type DescField, getOption } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { at_most_ahead_seconds } from "../../../gen/rollcall/v1/options_pb.ts";
import type { Rule } from "./rules.ts";

/** What google.protobuf.Timestamp may say: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z. */
const SECONDS_MIN = -62_135_596_800n;
const SECONDS_MAX = 253_402_300_799n;
const NANOS_MAX = 999_999_999;

/** APNs's `timestamp` is the one time at hand that is in another unit, and as seconds it is beyond all bounds. */
const UNITS = "it is in seconds since 1970, and APNs's timestamp, in milliseconds, is to be divided by 1000";

export function timestampRules(member: DescField): readonly Rule[] {
  const aheadSeconds = getOption(member, at_most_ahead_seconds);
  return aheadSeconds === 0 ? [RANGE] : [RANGE, atMostAhead(aheadSeconds)];
}

/** Protobuf's binary format can say times that there are not. */
const RANGE: Rule = {
  rule: [],
  ruleId: "timestamp.range",
  message: `must be within the years 1 to 9999: ${UNITS}`,
  isKept: (value) => isTime(value as Timestamp),
};

/** No rule of what is no time: that is told by the other. */
function atMostAhead(seconds: number): Rule {
  return {
    rule: [],
    ruleId: "timestamp.at_most_ahead",
    message: `must not be more than ${seconds / 3_600} hours ahead: ${UNITS}`,
    isKept: (value, now) => {
      const time = value as Timestamp;
      return !isTime(time) || timestampMs(time) <= now + seconds * 1_000;
    },
  };
}

export function isTime({ seconds, nanos }: Pick<Timestamp, "seconds" | "nanos">): boolean {
  return seconds >= SECONDS_MIN && seconds <= SECONDS_MAX && nanos >= 0 && nanos <= NANOS_MAX;
}
