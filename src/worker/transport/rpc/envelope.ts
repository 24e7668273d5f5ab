/** The envelope of gRPC and gRPC-Web: five bytes before each message, which say whether it is compressed, and how long it is. */
import type { Failure } from "../../model/failure.ts";
import { gunzip } from "../http/body.ts";
import { BODY } from "../messages/read.ts";

const ENVELOPE_BYTES = 5;

const COMPRESSED = 1;

/** What stands before a message. */
export function envelope(flags: number, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(ENVELOPE_BYTES + message.byteLength);
  whole[0] = flags;
  new DataView(whole.buffer).setUint32(1, message.byteLength);
  whole.set(message, ENVELOPE_BYTES);
  return whole;
}

/**
 * The one message of a unary call; `encoding` is what compressed messages are compressed by.
 * Sources: PROTOCOL-HTTP2.md, doc/compression.md and doc/statuscodes.md of grpc/grpc
 */
export function openEnvelope(body: Uint8Array, encoding: string): Uint8Array | Failure {
  if (body.byteLength === 0) {
    return { kind: "wrong_cardinality", reason: "MESSAGE_COUNT_WRONG" };
  }
  const end =
    body.byteLength < ENVELOPE_BYTES
      ? Number.NaN
      : ENVELOPE_BYTES + new DataView(body.buffer, body.byteOffset).getUint32(1);
  const [flags = 0] = body;
  if (flags !== 0 && (flags !== COMPRESSED || encoding === "identity")) {
    return { kind: "wrong_framing", reason: "MESSAGE_FLAGS_WRONG" };
  }
  if (end < body.byteLength) {
    return { kind: "wrong_cardinality", reason: "MESSAGE_COUNT_WRONG" };
  }
  if (end !== body.byteLength) {
    return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "one enveloped message" };
  }
  const message = body.subarray(ENVELOPE_BYTES);
  return flags === COMPRESSED && message.byteLength > 0 ? gunzip(message) : message;
}
