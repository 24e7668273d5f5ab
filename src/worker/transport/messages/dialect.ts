import type { DescEnumValue, DescField, DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { isTime } from "./timestamp-rules.ts";

type Names = readonly [string, ...string[]];

/** How messages are spelled in JSON. The proto says what there is; a dialect only how it is called. */
export interface Dialect {
  /** The names that a member is read by. It is written by the first. */
  readonly names: (member: DescField) => Names;
  readonly enumName: (value: DescEnumValue) => string;
  /** Whether an enum's number stands for its name, and a number may come in quotes: in proto3 JSON alone. */
  readonly acceptsNumbersAndStrings: boolean;
  readonly time: {
    /** How a time is written, in words. */
    readonly expected: string;
    /** What a value says, be it a time that there is not, for validation to refuse; undefined where it is of another form. */
    readonly read: (value: unknown) => Time | undefined;
  };
}

type Time = MessageInitShape<typeof TimestampSchema>;

export function isTimestamp({ typeName }: DescMessage): boolean {
  return typeName === TimestampSchema.typeName;
}

/** AWS's restJson1: PascalCase members, bare enum values. */
export const REST: Dialect = {
  names: spelledOnce((member) => [pascalCase(member.name)]),
  enumName: (value) => value.localName,
  acceptsNumbersAndStrings: false,
  time: { expected: "a number: seconds since 1970, with decimals or without", read: timeInSeconds },
};

/** The JSON mapping of Protobuf, by which requests are read. Responses are written by protobuf-es (rpc/codec). */
export const PROTO3_JSON: Dialect = {
  names: spelledOnce(({ jsonName, name }) => (jsonName === name ? [name] : [jsonName, name])),
  enumName: (value) => value.name,
  acceptsNumbersAndStrings: true,
  time: { expected: "a time as RFC 3339 writes it, such as 2026-11-26T12:00:00Z", read: timeInText },
};

/** To the millisecond, as answers have them. */
function timeInSeconds(value: unknown): Time | undefined {
  const ms = typeof value === "number" ? Math.round(value * 1_000) : Number.NaN;
  if (!Number.isFinite(ms)) {
    return undefined;
  }
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1_000) * 1_000_000 };
}

/** As Protobuf's own reader has it, which comes with that of all messages: 29 kB, a sixteenth of the Worker. */
function timeInText(value: unknown): Time | undefined {
  const [, time, decimals = "", zone] = (typeof value === "string" && RFC_3339.exec(value)) || [];
  const ms = Date.parse(`${time}${zone}`);
  if (Number.isNaN(ms)) {
    return undefined;
  }
  const read = { seconds: BigInt(ms / 1_000), nanos: Number(decimals.padEnd(9, "0")) };
  return isTime(read) ? read : undefined;
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Every call asks for the names of the same few members. */
function spelledOnce(spell: Dialect["names"]): Dialect["names"] {
  const spelled = new Map<DescField, Names>();
  return (member) => {
    const known = spelled.get(member);
    if (known !== undefined) {
      return known;
    }
    const names = spell(member);
    spelled.set(member, names);
    return names;
  };
}

/** "app_instance_user_arn" to "AppInstanceUserArn". */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** "max_results" to "max-results", as restJson1 spells query members. */
export function kebabCase(name: string): string {
  return name.replaceAll("_", "-");
}
