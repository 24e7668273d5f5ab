import type { DescMessage, Message } from "@bufbuild/protobuf";
// Documented as private and outside semantic versioning, so imported by the wires only.
import { parseContentType } from "@connectrpc/connect/protocol-connect";
import type { Failure } from "../../model/failure.ts";
import { gunzip } from "../http/body.ts";
import type { RequestHead } from "../http/head.ts";
import { CODECS, type Codec, type Codecs } from "../rpc/codec.ts";

/** How a media type says that a unary message is written; undefined where it is none of the protocol's. */
export function codecOf(contentType: string, { json, proto }: Codecs = CODECS): Codec | undefined {
  const parsed = parseContentType(contentType);
  return parsed === undefined || parsed.stream ? undefined : parsed.binary ? proto : json;
}

/** The message that a body is. One without content is not compressed, whatever its headers say. */
export function decode(
  codec: Codec,
  schema: DescMessage,
  { encoding }: RequestHead,
  body: Uint8Array,
): Message | Failure {
  const content = encoding === "gzip" && body.byteLength > 0 ? gunzip(body) : body;
  return "kind" in content ? content : codec.decode(schema, content);
}
