/** How Connect and gRPC-Web write messages: in Protobuf's binary format, or in its JSON mapping. */
import { type DescMessage, fromBinary, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { Failure } from "../../model/failure.ts";
import { PROTO3_JSON } from "../messages/dialect.ts";
import { BODY, parseJson, readable, readMessage, refuse } from "../messages/read.ts";

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
  try {
    return fromBinary(schema, content, { readUnknownFields: false });
  } catch {
    return refuse(BODY, `a ${schema.typeName} in Protobuf's binary format`);
  }
}
