import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Timestamp, TimestampSchema, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Dialect } from "./dialect.ts";

/** Writes a message as plain data. What is not set is left out, never written as null: older AWS SDKs break on one. */
export function writeMessage(schema: DescMessage, message: Message, dialect: Dialect): Record<string, unknown> {
  return writeMembers(reflect(schema, message), dialect);
}

function writeMembers(message: ReflectMessage, dialect: Dialect): Record<string, unknown> {
  return Object.fromEntries(
    message.fields
      .filter((member) => message.isSet(member) || member.fieldKind === "list")
      .map((member) => [dialect.names(member)[0], writeMember(member, message.get(member), dialect)]),
  );
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
      return writeSubmessage(value as ReflectMessage, dialect);
    case "list":
      return Array.from(value as ReflectList<ReflectMessage>, (item) => writeSubmessage(item, dialect));
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
  }
}

function writeSubmessage(message: ReflectMessage, dialect: Dialect): unknown {
  return message.desc.typeName === TimestampSchema.typeName
    ? timestampMs(message.message as Timestamp) / dialect.timestampUnitMs
    : writeMembers(message, dialect);
}
