/**
 * Which headers cross the gateway, in either direction: all that are the caller's or the server's own, and none that
 * tell of one connection, of one body's encoding or of one protocol. HTTP/2 has no room for some of those: Node's throws
 * on a `transfer-encoding`, and outside of any call.
 * Sources: RFC 9110 section 7.6.1, RFC 9113 section 8.2.2, PROTOCOL-HTTP2.md of grpc/grpc, connectrpc.com/docs/protocol
 */
const HELD_BACK = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
  "accept",
  "accept-encoding",
  "alt-svc",
  "date",
  "vary",
]);

/**
 * The protocols' own, for of the two connections each has its own body, encoding, deadline and status; and what is for
 * browsers, which call the server itself. Origin is not: by it the server refuses what a web page sends through here.
 */
const OF_A_PROTOCOL = /^(content-|connect-|grpc-|access-control-)/;

/** All that gRPC allows in a value, and so all that its clients can take. */
const ASCII = /^[\x20-\x7e]*$/;

export function crossing(headers: Headers): Headers {
  const named = (headers.get("connection") ?? "").toLowerCase().split(/[\s,]+/);
  const crossed = new Headers();
  for (const [name, value] of headers) {
    if (!HELD_BACK.has(name) && !OF_A_PROTOCOL.test(name) && !named.includes(name) && ASCII.test(value)) {
      crossed.append(name, value);
    }
  }
  return crossed;
}
