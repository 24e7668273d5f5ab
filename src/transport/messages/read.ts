import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
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
  return create(schema, readMembers(schema, data, dialect, at, ""));
}

/** What a message is made of: values by the local names of its members. */
type Members = Record<string, unknown>;

function readMembers(schema: DescMessage, data: unknown, dialect: Dialect, at: string, prefix: string): Members {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return refuse(at, "an object");
  }
  const members: Members = {};
  for (const member of schema.fields) {
    for (const name of dialect.names(member)) {
      const value = Object.hasOwn(data, name) ? (data as Members)[name] : undefined;
      if (value !== undefined && value !== null) {
        members[member.localName] = readMember(member, value, dialect, prefix + name);
      }
    }
  }
  return members;
}

function readMember(member: DescField, value: unknown, dialect: Dialect, at: string): unknown {
  switch (member.fieldKind) {
    case "scalar":
      return readScalar(member.scalar, value, dialect, at);
    case "enum":
      return readEnum(member.enum, value, dialect, at);
    case "message":
      return readSubmessage(member.message, value, dialect, at);
    case "list":
      return readList(member, value, dialect, at);
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
  }
}

function readSubmessage(schema: DescMessage, value: unknown, dialect: Dialect, at: string): Message | Members {
  if (schema.typeName === TimestampSchema.typeName) {
    return typeof value === "number" ? timestampFromMs(value * dialect.timestampUnitMs) : refuse(at, "a number");
  }
  return readMembers(schema, value, dialect, at, `${at}.`);
}

function readList(
  member: DescField & { fieldKind: "list" },
  value: unknown,
  dialect: Dialect,
  at: string,
): (Message | Members)[] {
  if (member.listKind !== "message") {
    throw new TypeError(`${member} is a list of scalars, which no message of ours has`);
  }
  const { message } = member;
  return Array.isArray(value) ? value.map((item) => readSubmessage(message, item, dialect, at)) : refuse(at, "a list");
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
