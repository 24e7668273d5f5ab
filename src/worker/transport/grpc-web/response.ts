import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { StatusSchema } from "../../../gen/google/rpc/status_pb.ts";
import type { Failure } from "../../model/failure.ts";
import type { Success } from "../../model/user-rpcs.ts";
import type { Reply } from "../http/respond.ts";
import type { Incoming } from "../incoming.ts";
import { BINARY_CODEC } from "../rpc/codec.ts";
import { envelope } from "../rpc/envelope.ts";
import type { RpcError } from "../rpc/errors.ts";
import { type Form, formOf } from "./request.ts";

type Trailers = Readonly<Record<string, string>>;

/** The answer to a call that succeeded: its message, and its trailers. */
export function encode(form: Form, schema: DescMessage, { response, trailers }: Success<Message>): Reply {
  const message = form.codec.encode(schema, response);
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  return reply(form, 200, {}, [envelope(0, bytes), trailersFrame({ ...trailers, "grpc-status": "0" })]);
}

/** An error is trailers alone. The status of HTTP is 200 wherever gRPC-Web was spoken, whatever came of the call. */
export function errorReply(error: RpcError, failure: Failure, { head }: Incoming): Reply {
  const { status = 200, headers = {}, trailers = {} } = inHttp(failure);
  const form = formOf(head.contentType) ?? { codec: BINARY_CODEC, isText: false };
  return reply(form, status, headers, [trailersFrame({ ...error.metadata, ...trailers, ...statusTrailers(error) })]);
}

function inHttp(failure: Failure): { status?: number; headers?: Record<string, string>; trailers?: Trailers } {
  switch (failure.kind) {
    case "wrong_method":
      return { status: 405, headers: { allow: failure.allowed.join(", ") } };
    case "wrong_type":
      return { status: 415, headers: { "accept-post": failure.supported.join(", ") } };
    case "wrong_encoding":
      return { trailers: { "grpc-accept-encoding": failure.supported.join(",") } };
    default:
      return {};
  }
}

function statusTrailers({ code, message, details }: RpcError): Trailers {
  const status = create(StatusSchema, {
    code,
    message,
    details: details.map(({ type, value }) => ({ typeUrl: `type.googleapis.com/${type}`, value })),
  });
  return {
    "grpc-status": String(code),
    "grpc-message": encodeURIComponent(message),
    "grpc-status-details-bin": base64Encode(toBinary(StatusSchema, status), "std_raw"),
  };
}

/** Marks the envelope that holds trailers. */
const TRAILERS = 0x80;

function trailersFrame(trailers: Trailers): Uint8Array<ArrayBuffer> {
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`);
  return envelope(TRAILERS, new TextEncoder().encode(lines.join("")));
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(chunk);
      }
      controller.close();
    },
  });
}

/** A stream without a length, because an answer of which Cloudflare is to make one of gRPC's may have none. */
function reply(
  { codec, isText }: Form,
  status: number,
  headers: Readonly<Record<string, string>>,
  frames: readonly Uint8Array<ArrayBuffer>[],
): Reply {
  const sent = isText ? frames.map((frame) => new TextEncoder().encode(base64Encode(frame))) : frames;
  return {
    status,
    headers: { ...headers, "content-type": `application/grpc-web${isText ? "-text" : ""}+${codec.name}` },
    body: streamOf(sent),
  };
}
