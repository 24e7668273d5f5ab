import type { DescMessage, Message } from "@bufbuild/protobuf";
// Documented as private and outside semantic versioning, so imported by the wires only.
import { parseContentType } from "@connectrpc/connect/protocol-grpc-web";
import type { Failure } from "../../model/failure.ts";
import { gunzip } from "../http/body.ts";
import { BODY } from "../messages/read.ts";
import { CODECS, type Codec, type Codecs } from "../rpc/codec.ts";
import { openEnvelope } from "../rpc/envelope.ts";

/** How a media type says that messages are written and framed. */
export interface Form {
  readonly codec: Codec;
  /** Whether all of it is in base64, for clients that can't read bytes. */
  readonly isText: boolean;
}

/** Whether a request is one of this protocol, in whichever form. */
export function isGrpcWeb(contentType: string): boolean {
  return /^application\/grpc-web\b/i.test(contentType);
}

/** Undefined where the media type names a codec that is none of ours. */
export function formOf(contentType: string, { json, proto }: Codecs = CODECS): Form | undefined {
  const parsed = parseContentType(contentType);
  return parsed && { codec: parsed.binary ? proto : json, isText: parsed.text };
}

/** The one message that a body holds. Body and message may be compressed, each by its own header. */
export function decode(
  { codec, isText }: Form,
  schema: DescMessage,
  { encoding, messageEncoding }: { encoding: string; messageEncoding: string },
  body: Uint8Array,
): Message | Failure {
  const unpacked = encoding === "gzip" && body.byteLength > 0 ? gunzip(body) : body;
  const framed = isText && !("kind" in unpacked) ? fromText(unpacked) : unpacked;
  const content = "kind" in framed ? framed : openEnvelope(framed, messageEncoding);
  return "kind" in content ? content : codec.decode(schema, content);
}

/** Clients may end base64 with padding wherever they flush, so it is decoded four characters at a time. */
function fromText(body: Uint8Array): Uint8Array | Failure {
  const text = new TextDecoder().decode(body);
  const chunks = text.match(/[^=]+={0,2}/g) ?? [];
  try {
    // Not Uint8Array.fromBase64, which the gateway's Node may be too old for.
    const bytes = chunks.map((chunk) => atob(chunk)).join("");
    return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  } catch {
    return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "base64, as its media type says" };
  }
}
