/**
 * Reads the request messages of the Connect unary protocol and of gRPC-Web.
 * Sources: connectrpc.com/docs/protocol, and PROTOCOL-WEB.md of grpc/grpc. Unary calls only, as the service has.
 */
import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import type { Failure } from "../../model/failure.ts";
import { BODY, gunzip, parseJson } from "../messages/body.ts";
import { PROTO3_JSON } from "../messages/dialect.ts";
import { readable, readMessage, refuse } from "../messages/read.ts";

/** How a request's message is wrapped, as its headers say. */
export interface Framing {
  readonly json: boolean;
  /** gRPC-Web: five bytes stand before the message, and it is compressed where the first of them says so. */
  readonly enveloped: boolean;
  /** Connect: the whole body is compressed. */
  readonly gzip: boolean;
}

export function framingOf(headers: Headers): Framing {
  const type = headers.get("content-type") ?? "";
  return {
    json: /^application\/(grpc-web\+)?json\b/i.test(type),
    enveloped: /^application\/grpc-web\b/i.test(type),
    gzip: headers.get("content-encoding") === "gzip",
  };
}

/** The message in a body. */
export async function decodeBody(schema: DescMessage, framing: Framing, body: Uint8Array): Promise<Message | Failure> {
  const content = framing.enveloped ? await openEnvelope(body) : framing.gzip ? await gunzip(body) : body;
  return "kind" in content ? content : readable(() => decodeMessage(schema, framing, content));
}

/** A body that holds an empty message, in the same framing, as Connect's handlers read bodies. */
export async function* emptyBody({ json, enveloped }: Framing): AsyncIterable<Uint8Array> {
  const message = new TextEncoder().encode(json ? "{}" : "");
  yield enveloped ? Uint8Array.of(0, 0, 0, 0, message.byteLength, ...message) : message;
}

const COMPRESSED = 1;
const ENVELOPE_BYTES = 5;

async function openEnvelope(body: Uint8Array): Promise<Uint8Array | Failure> {
  const length = body.byteLength < ENVELOPE_BYTES ? -1 : new DataView(body.buffer, body.byteOffset).getUint32(1);
  if (length !== body.byteLength - ENVELOPE_BYTES) {
    return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "one enveloped message" };
  }
  const message = body.subarray(ENVELOPE_BYTES);
  return body[0] === COMPRESSED ? gunzip(message) : message;
}

function decodeMessage(schema: DescMessage, { json }: Framing, content: Uint8Array): Message {
  return json ? decodeJson(schema, content) : decodeBinary(schema, content);
}

function decodeJson(schema: DescMessage, content: Uint8Array): Message {
  return readMessage(schema, parseJson(content), PROTO3_JSON, BODY);
}

/** Unknown fields are dropped here, so that they can't contribute to anything. */
function decodeBinary(schema: DescMessage, content: Uint8Array): Message {
  try {
    return fromBinary(schema, content, { readUnknownFields: false });
  } catch {
    return refuse(BODY, `a ${schema.typeName} in Protobuf's binary format`);
  }
}
