/** What is refused before Connect has it, and answered in the protocol that its caller speaks. */
import { STATUS_CODES } from "node:http";
import { Code, ConnectError } from "@connectrpc/connect";
// Documented as private and outside semantic versioning, so the version is an exact one.
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { headersTooLarge, pushBack } from "./errors.ts";
import type { UniversalResponse } from "./listener.ts";

/** Each kind of client by what it knows: those of gRPC and gRPC-Web take a status in headers, others go by HTTP's. */
export function refusal(contentType: string, error: ConnectError): UniversalResponse {
  // Their clients read no other type than the one that they sent.
  const [type] = /^application\/grpc[\w+.-]*/i.exec(contentType) ?? [];
  if (type !== undefined) {
    return trailersOnly(grpcTrailers(error), { "content-type": type });
  }
  const header = new Headers(error.metadata);
  header.set("content-type", "application/json");
  // By this status clients of other protocols know it too.
  const status = error.code === Code.Unimplemented ? 404 : codeToHttpStatus(error.code);
  return { status, header, body: once(json(error)) };
}

/**
 * A refusal of gRPC's is all headers, because its clients take a call for answered once other headers have come, and do
 * not retry it then. And its message is escaped no more than gRPC asks for: grpc-js decodes no more than that.
 */
export function trailersOnly(trailer: Headers, answered: HeadersInit): UniversalResponse {
  trailer.set("grpc-message", encodeURI(decodeURIComponent(trailer.get("grpc-message") ?? "")));
  const header = new Headers(answered);
  for (const [name, value] of trailer) {
    header.append(name, value);
  }
  return { status: 200, header };
}

function grpcTrailers(error: ConnectError): Headers {
  const trailers = new Headers();
  pushBack(error);
  setTrailerStatus(trailers, error);
  return trailers;
}

function json(error: ConnectError): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(errorToJson(error, undefined)));
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** What is refused before it is known to be a call of any protocol. */
const CONNECTION_REFUSALS = {
  HEADERS_TOO_LARGE: { status: 431, error: headersTooLarge() },
  UNREADABLE: { status: 400, error: new ConnectError("The request is not HTTP/1.1 or HTTP/2.", Code.InvalidArgument) },
  TOO_SLOW: { status: 408, error: new ConnectError("The headers took too long to arrive.", Code.DeadlineExceeded) },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    error: new ConnectError("There are too many connections to this gateway. Try again later.", Code.Unavailable),
  },
};

/** A whole answer of HTTP/1.1, which is the last on its connection. */
export function http1Refusal(what: keyof typeof CONNECTION_REFUSALS): string {
  const { status, error } = CONNECTION_REFUSALS[what];
  const body = new TextDecoder().decode(json(error));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
