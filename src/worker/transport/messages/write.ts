import { type DescField, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema, timestampMs } from "@bufbuild/protobuf/wkt";
import { REST } from "./dialect.ts";

/** Writes a message as AWS's restJson1 has it. What is not set is left out, never written as null: older AWS SDKs break on one. */
export function writeMessage(schema: DescMessage, message: Message): Record<string, unknown> {
  const values = message as unknown as Record<string, unknown>;
  const written: Record<string, unknown> = {};
  for (const member of schema.fields) {
    if (member.fieldKind === "list" || isFieldSet(message, member)) {
      written[REST.names(member)[0]] = writeMember(member, values[member.localName]);
    }
  }
  return written;
}

function writeMember(member: DescField, value: unknown): unknown {
  switch (member.fieldKind) {
    case "scalar":
      return value;
    case "enum": {
      const known = member.enum.value[value as number];
      return known && REST.enumName(known);
    }
    case "message":
      return writeSubmessage(member.message, value as Message);
    case "list":
      return writeList(member, value as Message[]);
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
  }
}

/** Timestamps are seconds since 1970; milliseconds survive as decimals. */
function writeSubmessage(schema: DescMessage, message: Message): unknown {
  return schema.typeName === TimestampSchema.typeName
    ? timestampMs(message as Timestamp) / 1_000
    : writeMessage(schema, message);
}

function writeList(member: DescField & { fieldKind: "list" }, list: readonly Message[]): unknown[] {
  if (member.listKind !== "message") {
    throw new TypeError(`${member} is a list of scalars, which no message of ours has`);
  }
  const { message } = member;
  return list.map((item) => writeSubmessage(message, item));
}
