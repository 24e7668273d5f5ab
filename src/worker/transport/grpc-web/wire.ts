/**
 * The gRPC-Web protocol for unary calls, in its binary and in its text form: a message is an envelope, an error is a
 * trailer, and both are a body.
 * Source: PROTOCOL-WEB.md and PROTOCOL-HTTP2.md of grpc/grpc.
 */
import type { Failure } from "../../model/failure.ts";
import { ENCODINGS } from "../http/head.ts";
import type { Incoming } from "../incoming.ts";
import type { Codecs } from "../rpc/codec.ts";
import { deadlineOf, GRPC_TIMEOUT } from "../rpc/deadline.ts";
import { ROLLCALL, type RpcService } from "../rpc/service.ts";
import { rpcWire } from "../rpc/wire.ts";
import type { Call, Route, Wire } from "../wire.ts";
import { decode, formOf, isGrpcWeb } from "./request.ts";
import { encode, errorReply } from "./response.ts";

export { isGrpcWeb };

export function grpcWebWire(service: RpcService = ROLLCALL): Wire {
  return rpcWire({ name: "grpc-web", call, errorReply }, service);
}

function call({ operation }: Route, { request, head, receivedAt }: Incoming, codecs: Codecs): Call | Failure {
  const form = formOf(head.contentType, codecs);
  if (form === undefined) {
    return { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE", supported: MEDIA_TYPES };
  }
  const messageEncoding = request.headers.get("grpc-encoding") ?? "identity";
  if (![messageEncoding, head.encoding].every((encoding) => ENCODINGS.includes(encoding))) {
    return { kind: "wrong_encoding", reason: "UNSUPPORTED_MEDIA_TYPE", supported: ENCODINGS };
  }
  const deadline = deadlineOf(GRPC_TIMEOUT, request.headers, receivedAt);
  if (typeof deadline !== "number") {
    return deadline;
  }
  const { input, output } = operation.method;
  return {
    operation,
    deadline,
    decode: (body) => decode(form, input, { encoding: head.encoding, messageEncoding }, body),
    encode: (success) => encode(form, output, success),
  };
}

const MEDIA_TYPES = [
  "application/grpc-web",
  "application/grpc-web+proto",
  "application/grpc-web+json",
  "application/grpc-web-text",
];
