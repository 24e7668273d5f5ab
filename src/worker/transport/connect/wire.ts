/**
 * The Connect protocol for unary calls: a message is a body, an error is JSON under a status.
 *
 * Framed by us, because Connect's own handlers decode a request before any code of ours runs, and repeat its values in
 * their errors. Source: connectrpc.com/docs/protocol. Knowingly different: there are no GET requests, for they would put
 * ARNs and tokens into URLs.
 */
import type { Failure } from "../../model/failure.ts";
import { ENCODINGS, type RequestHead } from "../http/head.ts";
import type { Incoming } from "../incoming.ts";
import type { Codecs } from "../rpc/codec.ts";
import { CONNECT_TIMEOUT, deadlineOf } from "../rpc/deadline.ts";
import { ROLLCALL, type RpcService } from "../rpc/service.ts";
import { rpcWire } from "../rpc/wire.ts";
import type { Call, Route, Wire } from "../wire.ts";
import { codecOf, decode } from "./request.ts";
import { encode, errorReply } from "./response.ts";

/** Whether a request says that it is one of this protocol, whatever its path. */
export function isConnect(headers: Headers, { contentType }: RequestHead): boolean {
  return headers.has("connect-protocol-version") || /^application\/(connect\+|proto\b)/i.test(contentType);
}

export function connectWire(service: RpcService = ROLLCALL): Wire {
  return rpcWire({ name: "connect", call, errorReply }, service);
}

function call({ operation }: Route, incoming: Incoming, codecs: Codecs): Call | Failure {
  const { request, head, receivedAt } = incoming;
  const codec = codecOf(head.contentType, codecs);
  if (codec === undefined) {
    return { kind: "wrong_type", reason: "UNSUPPORTED_MEDIA_TYPE", supported: MEDIA_TYPES };
  }
  if (!ENCODINGS.includes(head.encoding)) {
    return { kind: "wrong_encoding", reason: "UNSUPPORTED_MEDIA_TYPE", supported: ENCODINGS };
  }
  const deadline = deadlineOf(CONNECT_TIMEOUT, request.headers, receivedAt);
  if (typeof deadline !== "number") {
    return deadline;
  }
  const { input, output } = operation.method;
  return {
    operation,
    deadline,
    decode: (body) => decode(codec, input, head, body),
    encode: (success) => encode(codec, output, success, incoming),
  };
}

const MEDIA_TYPES = ["application/json", "application/proto"];
