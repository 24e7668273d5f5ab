/** How Connect and gRPC-Web write messages: in Protobuf's binary format, or in its JSON mapping. */
import { type DescMessage, fromBinary, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Failure } from "../../model/failure.ts";
import { PROTO3_JSON } from "../messages/dialect.ts";
import { BODY, parseJson, readable, readMessage, refuse } from "../messages/read.ts";
import { mostItems } from "../messages/rules.ts";

export interface Codec {
  /** As media types spell it. */
  readonly name: "json" | "proto";
  decode(schema: DescMessage, content: Uint8Array): Message | Failure;
  encode(schema: DescMessage, message: Message): string | Uint8Array<ArrayBuffer>;
}

const JSON_CODEC: Codec = {
  name: "json",
  decode: (schema, content) => readable(() => readMessage(schema, parseJson(content), PROTO3_JSON, BODY)),
  encode: toJsonString,
};

export const BINARY_CODEC: Codec = {
  name: "proto",
  decode: (schema, content) => readable(() => decodeBinary(schema, content)),
  encode: toBinary,
};

/** How the messages of a service are written. */
export interface Codecs {
  readonly json: Codec;
  readonly proto: Codec;
}

export const CODECS: Codecs = { json: JSON_CODEC, proto: BINARY_CODEC };

/** Unknown fields are dropped here, so that they can't contribute to anything. */
function decodeBinary(schema: DescMessage, content: Uint8Array): Message {
  const lists = schema.fields.filter(({ fieldKind }) => fieldKind === "list");
  const room = new Map(lists.map((list) => [list.number, mostItems(list)]));
  try {
    return fromBinary(schema, cutToRoom(content, room), { readUnknownFields: false });
  } catch {
    return refuse(BODY, `a ${schema.typeName} in Protobuf's binary format`);
  }
}

/**
 * An item takes two bytes and becomes an object of hundreds, so a message ends, before it is read, with the first item
 * that a list has no room for. By that one, validation knows that there are too many.
 */
function cutToRoom(content: Uint8Array, room: Map<number, number>): Uint8Array {
  if (room.size === 0) {
    return content;
  }
  const reader = new BinaryReader(content);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
    const left = room.get(number);
    if (left === 0) {
      return content.subarray(0, reader.pos);
    }
    if (left !== undefined) {
      room.set(number, left - 1);
    }
  }
  return content;
}
