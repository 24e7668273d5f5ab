import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMessage, reflect, reflectList } from "@bufbuild/protobuf/reflect";
import { TimestampSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Invalid } from "../../model/failure.ts";
import type { Dialect } from "./dialect.ts";

/** No enum of ours has this number: a value with it is reported by validation, with all else that is wrong. */
const UNKNOWN_ENUM_NUMBER = -1;

/** Data does not fit its message. Thrown inside a wire's decoding and turned into a value by `unreadable`. */
class Unreadable extends Error {
  readonly at: string;
  readonly expected: string;

  constructor(at: string, expected: string) {
    super(`${at}: expected ${expected}`);
    this.at = at;
    this.expected = expected;
  }
}

/** Runs a decoding and answers its message, or what in the data can't be read: where and what should be there, never a value. */
export function readable(decoding: () => Message): Message | Invalid {
  try {
    return decoding();
  } catch (error) {
    if (error instanceof Unreadable) {
      return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: error.at, expected: error.expected };
    }
    throw error;
  }
}

/** Refuses what is being decoded. */
export function refuse(at: string, expected: string): never {
  throw new Unreadable(at, expected);
}

/**
 * Reads a message from plain data. Members that the message does not have are ignored, null is as good as absent,
 * and an enum value that is unknown is kept as one that validation refuses.
 */
export function readMessage(schema: DescMessage, data: unknown, dialect: Dialect, at: string): Message {
  const message = reflect(schema, create(schema));
  mergeMembers(message, data, dialect, at, "");
  return message.message;
}

function mergeMembers(message: ReflectMessage, data: unknown, dialect: Dialect, at: string, prefix: string): void {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    refuse(at, "an object");
  }
  const values = new Map(Object.entries(data));
  for (const member of message.fields) {
    for (const name of dialect.names(member)) {
      const value: unknown = values.get(name);
      if (value !== undefined && value !== null) {
        message.set(member, readMember(member, value, dialect, prefix + name));
      }
    }
  }
}

function readMember(member: DescField, value: unknown, dialect: Dialect, at: string): unknown {
  switch (member.fieldKind) {
    case "scalar":
      return readScalar(member.scalar, value, dialect, at);
    case "enum":
      return readEnum(member.enum, value, dialect, at);
    case "message":
      return reflect(member.message, readSubmessage(member.message, value, dialect, at));
    case "list":
      return readList(member, value, dialect, at);
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
  }
}

function readSubmessage(schema: DescMessage, value: unknown, dialect: Dialect, at: string): Message {
  if (schema.typeName === TimestampSchema.typeName) {
    return typeof value === "number" ? timestampFromMs(value * dialect.timestampUnitMs) : refuse(at, "a number");
  }
  const message = reflect(schema, create(schema));
  mergeMembers(message, value, dialect, at, `${at}.`);
  return message.message;
}

function readList(
  member: DescField & { fieldKind: "list" },
  value: unknown,
  dialect: Dialect,
  at: string,
): ReflectList {
  if (member.listKind !== "message") {
    throw new TypeError(`${member} is a list of scalars, which no message of ours has`);
  }
  const list = reflectList(member);
  for (const item of Array.isArray(value) ? value : refuse(at, "a list")) {
    list.add(reflect(member.message, readSubmessage(member.message, item, dialect, at)));
  }
  return list;
}

/** Reads a string or an int32; no message of ours has another scalar. */
export function readScalar(type: ScalarType, value: unknown, dialect: Dialect, at: string): string | number {
  switch (type) {
    case ScalarType.STRING:
      if (typeof value !== "string") {
        return refuse(at, "a string");
      }
      return value.isWellFormed() ? value : refuse(at, "a string of valid Unicode, without lone surrogates");
    case ScalarType.INT32: {
      const number = dialect.proto3Liberties && typeof value === "string" ? integerIn(value) : value;
      const isInt32 = typeof number === "number" && number === (number | 0);
      return isInt32 ? number : refuse(at, "a whole number");
    }
    default:
      throw new TypeError(`scalar ${ScalarType[type]} is one that no message of ours has`);
  }
}

/** The number that a text says, or NaN. */
export function integerIn(text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

function readEnum(desc: DescEnum, value: unknown, dialect: Dialect, at: string): number {
  if (dialect.proto3Liberties && typeof value === "number" && value === (value | 0)) {
    return value;
  }
  if (typeof value !== "string") {
    return refuse(at, "a string");
  }
  const known = desc.values.find((candidate) => dialect.enumName(candidate) === value);
  // A bare UNSPECIFIED is no word of AWS's; proto3 JSON may say the zero value by its full name.
  return known === undefined || (known.number === 0 && !dialect.proto3Liberties) ? UNKNOWN_ENUM_NUMBER : known.number;
}
