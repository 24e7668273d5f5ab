import { create, type DescEnum, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import type { Invalid } from "../../model/failure.ts";
import { type Dialect, isTimestamp } from "./dialect.ts";
import { mostItems } from "./rules.ts";

/** What a refusal calls the body as a whole. */
export const BODY = "the request body";

/** No enum of ours has this number: a value with it is reported by validation, with all else that is wrong. */
const UNKNOWN_ENUM_NUMBER = -1;

/** Data does not fit its message. Thrown inside a wire's decoding, and turned into a value by `readable`. */
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

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Parses a body as JSON, or refuses it. JSON.parse's own message repeats what it could not parse, so it is dropped. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return refuse(BODY, "JSON in UTF-8");
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
    const name = nameIn(data, dialect.names(member), prefix);
    const value = name === undefined ? undefined : (data as Members)[name];
    if (value !== undefined && value !== null) {
      members[member.localName] = readMember(member, value, dialect, prefix + name);
    }
  }
  return members;
}

/** By which of its names a member is there, if it is. */
function nameIn(data: object, names: readonly string[], prefix: string): string | undefined {
  let found: string | undefined;
  for (const name of names) {
    if (!Object.hasOwn(data, name)) {
      continue;
    }
    if (found !== undefined) {
      return refuse(`${prefix}${found} and ${prefix}${name}`, "one member: they are the same");
    }
    found = name;
  }
  return found;
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
      throw new TypeError(`${member} is a map, which no request of ours has`);
  }
}

function readSubmessage(schema: DescMessage, value: unknown, dialect: Dialect, at: string): unknown {
  return isTimestamp(schema)
    ? (dialect.time.read(value) ?? refuse(at, dialect.time.expected))
    : readMembers(schema, value, dialect, at, `${at}.`);
}

/** Of a list that is too long, one item more than there may be is read, by which validation knows it. */
function readList(member: DescField & { fieldKind: "list" }, list: unknown, dialect: Dialect, at: string): unknown[] {
  if (!Array.isArray(list)) {
    return refuse(at, "a list");
  }
  return list.slice(0, mostItems(member) + 1).map((item, index) => readItem(member, item, dialect, `${at}[${index}]`));
}

function readItem(member: DescField & { fieldKind: "list" }, item: unknown, dialect: Dialect, at: string): unknown {
  switch (member.listKind) {
    case "scalar":
      return readScalar(member.scalar, item, dialect, at);
    case "enum":
      return readEnum(member.enum, item, dialect, at);
    case "message":
      return readSubmessage(member.message, item, dialect, at);
  }
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
      const number = dialect.acceptsNumbersAndStrings && typeof value === "string" ? numberIn(value) : value;
      const isInt32 = typeof number === "number" && number === (number | 0);
      return isInt32 ? number : refuse(at, "a whole number");
    }
    default:
      throw new TypeError(`scalar ${ScalarType[type]} is one that no message of ours has`);
  }
}

/** The number that a text writes as JSON does, exponents included, or NaN: Protobuf's JSON takes it in quotes as well. */
function numberIn(text: string): number {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** The whole number that a text writes, or NaN. */
export function integerIn(text: string): number {
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
}

function readEnum(desc: DescEnum, value: unknown, dialect: Dialect, at: string): number {
  if (dialect.acceptsNumbersAndStrings && typeof value === "number" && value === (value | 0)) {
    return value;
  }
  if (typeof value !== "string") {
    return refuse(at, "a string");
  }
  const known = desc.values.find((candidate) => dialect.enumName(candidate) === value);
  // A bare UNSPECIFIED is no word of AWS's; proto3 JSON may say the zero value by its full name.
  return known === undefined || (known.number === 0 && !dialect.acceptsNumbersAndStrings)
    ? UNKNOWN_ENUM_NUMBER
    : known.number;
}
