import { type DescEnum, type DescField, type DescMessage, isFieldSet, type Message } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { isTimestamp, REST } from "./dialect.ts";

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
    case "enum":
      return writeEnum(member.enum, value as number);
    case "message":
      return writeSubmessage(member.message, value as Message);
    case "list":
      return (value as unknown[]).map((item) => writeItem(member, item));
    case "map":
      throw new TypeError(`${member} is a map, which no message of ours has`);
  }
}

/** Timestamps are seconds since 1970; milliseconds survive as decimals. */
function writeSubmessage(schema: DescMessage, message: Message): unknown {
  return isTimestamp(schema) ? timestampMs(message as Timestamp) / 1_000 : writeMessage(schema, message);
}

function writeItem(member: DescField & { fieldKind: "list" }, item: unknown): unknown {
  switch (member.listKind) {
    case "scalar":
      return item;
    case "enum":
      return writeEnum(member.enum, item as number);
    case "message":
      return writeSubmessage(member.message, item as Message);
  }
}

function writeEnum({ value }: DescEnum, number: number): string | undefined {
  const known = value[number];
  return known && REST.enumName(known);
}
