/** Reads what a call brings: its message, in whichever of the protocols. */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Failure } from "../worker/model/failure.ts";
import { codecOf, decode as decodeConnect } from "../worker/transport/connect/request.ts";
import { decode as decodeGrpcWeb, formOf } from "../worker/transport/grpc-web/request.ts";
import { readStream } from "../worker/transport/http/body.ts";
import { ENCODINGS, readHead } from "../worker/transport/http/head.ts";
import type { Codecs } from "../worker/transport/rpc/codec.ts";
import { CONNECT_TIMEOUT, deadlineOf, GRPC_TIMEOUT } from "../worker/transport/rpc/deadline.ts";
import { openEnvelope } from "../worker/transport/rpc/envelope.ts";

/** The message of a call, or why it can't be had. No more is kept than the server would keep. */
export async function readRequest(
  schema: DescMessage,
  codecs: Codecs,
  headers: Headers,
  body: AsyncIterable<Uint8Array>,
): Promise<Message | Failure> {
  const head = readHead(headers);
  const isConnect = codecOf(head.contentType, codecs) !== undefined;
  // What is another protocol's is metadata like any other.
  const messageEncoding = (isConnect ? null : headers.get("grpc-encoding")) ?? "identity";
  if (![messageEncoding, head.encoding].every((encoding) => ENCODINGS.includes(encoding))) {
    return { kind: "wrong_encoding", reason: "UNSUPPORTED_MEDIA_TYPE", supported: ENCODINGS };
  }
  const deadline = deadlineOf(isConnect ? CONNECT_TIMEOUT : GRPC_TIMEOUT, headers, 0);
  if (typeof deadline !== "number") {
    return deadline;
  }
  const bytes = await readStream(body);
  return "kind" in bytes ? bytes : decode(schema, codecs, { ...head, messageEncoding }, bytes);
}

function decode(
  schema: DescMessage,
  codecs: Codecs,
  head: ReturnType<typeof readHead> & { readonly messageEncoding: string },
  body: Uint8Array,
): Message | Failure {
  const { contentType, messageEncoding } = head;
  const form = formOf(contentType, codecs);
  if (form !== undefined) {
    return decodeGrpcWeb(form, schema, head, body);
  }
  const codec = codecOf(contentType, codecs);
  if (codec !== undefined) {
    return decodeConnect(codec, schema, head, body);
  }
  const message = openEnvelope(body, messageEncoding);
  return "kind" in message
    ? message
    : (/\+json\b/i.test(contentType) ? codecs.json : codecs.proto).decode(schema, message);
}

/** Whether SigV4 was used, in a header or in the query. */
export function isSigned(headers: Headers, url: string): boolean {
  return /^AWS4-/i.test(headers.get("authorization") ?? "") || /[?&]X-Amz-(Algorithm|Signature)=/i.test(url);
}
