/** HTTP that is none: what the runtime's own parser has to stand, and bodies that do not arrive as announced. */
import { type Arsenal, anyRegister, bytesOf, type Hostile, withHeader } from "./request.ts";

/** Bytes on a connection, piece by piece. */
export interface Pieces {
  readonly pieces: readonly Uint8Array[];
  /** Between two pieces. */
  readonly pauseMs: number;
}

export function badFraming(arsenal: Arsenal): Pieces {
  const { random, url } = arsenal;
  const request = anyRegister(arsenal);
  const { body } = request;
  const chunked = (text: string) => withBody(withHeader(request, "transfer-encoding", "chunked"), text);
  const announced = (length: string) => bytesOf(withHeader(request, "content-length", length), url);
  const size = body.length.toString(16);
  const content = Buffer.from(body).toString("latin1");
  const bytes = random.pick<Uint8Array>([
    ...[
      "-1",
      "+1",
      "1e2",
      "0x10",
      " ",
      "99999999999999999999",
      "1, 2",
      String(body.length + 10),
      String(body.length - 10),
      "0",
    ].map(announced),
    bytesOf(withHeader(withHeader(request, "transfer-encoding", "chunked"), "content-length", "5"), url),
    bytesOf(
      withHeader(
        request,
        "transfer-encoding",
        random.pick(["xchunked", "gzip, chunked", "chunked, chunked", "identity", "\x0bchunked"]),
      ),
      url,
    ),
    ...[
      `${size}\r\n${content}\r\n0\r\n\r\n`,
      `${size};${"x".repeat(20_000)}\r\n${content}\r\n0\r\n\r\n`,
      `${size}\r\n${content}\r\n0\r\nx-trailer: ${arsenal.secret}\r\n\r\n`,
      `${size}\r\n${content}`,
      `zz\r\n${content}\r\n0\r\n\r\n`,
      `-1\r\n${content}\r\n0\r\n\r\n`,
      `ffffffffffffffff\r\n${content}`,
      `${size}\n${content}\n0\n\n`,
      "1\r\nxx\r\n0\r\n\r\n",
    ].map((text) => bytesOf(chunked(text), url)),
    Buffer.concat([bytesOf(request, url), bytesOf(request, url)]),
    Buffer.from("GET /\r\n\r\n"),
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Buffer.from("GET / HTTP/9.9\r\n\r\n"),
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    Buffer.from(`GET /health HTTP/1.1\r\nhost: localhost\r\n folded: x\r\nname : x\r\n\r\n`),
    random.bytes(random.between(1, 3_000)),
    mangled(arsenal, request),
  ]);
  const cut = random.between(0, bytes.length);
  return random.next() < 0.7
    ? { pieces: [bytes], pauseMs: 0 }
    : { pieces: [bytes.subarray(0, cut), bytes.subarray(cut)], pauseMs: random.between(0, 50) };
}

function withBody(request: Hostile, text: string): Hostile {
  return { ...request, body: Buffer.from(text, "latin1") };
}

/** A few bytes of the head changed. */
function mangled({ random, url }: Arsenal, request: Hostile): Buffer {
  const bytes = bytesOf(request, url);
  for (let changes = random.between(1, 4); changes > 0; changes--) {
    bytes[random.between(0, 200)] = random.between(0, 255);
  }
  return bytes;
}
