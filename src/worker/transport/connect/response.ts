import type { DescMessage, Message } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
// Documented as private and outside semantic versioning, so imported by the wires only.
import { codeToHttpStatus, codeToString } from "@connectrpc/connect/protocol-connect";
import { parseAccept } from "hono/utils/accept";
import { sentHeader } from "../../auth/sent-header.ts";
import type { Failure } from "../../model/failure.ts";
import type { Success } from "../../model/user-rpcs.ts";
import type { Reply } from "../http/respond.ts";
import type { Incoming } from "../incoming.ts";
import type { Codec } from "../rpc/codec.ts";
import type { RpcError } from "../rpc/errors.ts";

/** The answer to a call that succeeded. */
export function encode(
  codec: Codec,
  schema: DescMessage,
  { response, trailers = {} }: Success<Message>,
  incoming: Incoming,
): Reply {
  return compressed(incoming, {
    status: 200,
    headers: { ...trailerHeaders(trailers), "content-type": `application/${codec.name}` },
    body: codec.encode(schema, response),
  });
}

/** Trailers, which the answer to a unary call has among its headers. */
export function trailerHeaders(trailers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(trailers).map(([name, value]) => [`trailer-${name}`, value]));
}

/** An error, under the status of its code or, where HTTP has a word for it, of that. */
export function errorReply(
  { code, message, details, metadata }: RpcError,
  failure: Failure,
  incoming: Incoming,
): Reply {
  const { status = codeToHttpStatus(code), headers } = inHttp(failure);
  return compressed(incoming, {
    status,
    headers: { ...metadata, ...headers, "content-type": "application/json" },
    body: JSON.stringify({
      code: codeToString(code),
      message,
      details: details.map(({ type, value, debug }) => ({ type, value: base64Encode(value, "std_raw"), debug })),
    }),
  });
}

function inHttp(failure: Failure): { status?: number; headers?: Record<string, string> } {
  switch (failure.kind) {
    // By this status clients of other protocols know it too.
    case "unknown_operation":
      return { status: 404 };
    case "wrong_method":
      return { status: 405, headers: { allow: failure.allowed.join(", ") } };
    case "wrong_type":
      return { status: 415, headers: { "accept-post": failure.supported.join(", ") } };
    case "wrong_encoding":
      return { headers: { "accept-encoding": failure.supported.join(", ") } };
    default:
      return {};
  }
}

/** Below this compressing costs more than it saves; Connect draws its line at the same size. */
const COMPRESS_MIN_BYTES = 1_024;

/** Names the encoding of a long answer and leaves encoding it to the runtime, which would encode again what we had. */
function compressed({ request }: Incoming, reply: Reply & { body: string | Uint8Array }): Reply {
  return reply.body.length >= COMPRESS_MIN_BYTES && acceptsGzip(request)
    ? { ...reply, headers: { ...reply.headers, "content-encoding": "gzip" } }
    : reply;
}

/** Whether the caller asked for an answer that is compressed: the caller, and not a proxy. */
function acceptsGzip(request: Request): boolean {
  const codings = parseAccept(sentHeader(request, "accept-encoding") ?? "");
  return codings.some(({ type, q }) => type.toLowerCase() === "gzip" && q > 0);
}
