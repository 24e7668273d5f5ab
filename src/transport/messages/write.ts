import { type DescField, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Dialect } from "./dialect.ts";

/** Writes a message as plain data. What is not set is left out, never written as null: older AWS SDKs break on one. */
export function writeMessage(schema: DescMessage, message: Message, dialect: Dialect): Record<string, unknown> {
  const values = message as unknown as Record<string, unknown>;
  const written: Record<string, unknown> = {};
  for (const member of schema.fields) {
    if (member.fieldKind === "list" || isFieldSet(message, member)) {
      written[dialect.names(member)[0]] = writeMember(member, values[member.localName], dialect);
    }
  }
  return written;
}

function writeMember(member: DescField, value: unknown, dialect: Dialect): unknown {
  switch (member.fieldKind) {
    case "scalar":
      return value;
    case "enum": {
      const known = member.enum.value[value as number];
      return known && dialect.enumName(known);
    }
    case "message":
      return writeSubmessage(member.message, value as Message, dialect);
    case "list":
      return writeList(member, value as Message[], dialect);
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
  }
}

function writeSubmessage(schema: DescMessage, message: Message, dialect: Dialect): unknown {
  return schema.typeName === TimestampSchema.typeName
    ? timestampMs(message as Timestamp) / dialect.timestampUnitMs
    : writeMessage(schema, message, dialect);
}

function writeList(member: DescField & { fieldKind: "list" }, list: readonly Message[], dialect: Dialect): unknown[] {
  if (member.listKind !== "message") {
    throw new TypeError(`${member} is a list of scalars, which no message of ours has`);
  }
  const { message } = member;
  return list.map((item) => writeSubmessage(message, item, dialect));
}
