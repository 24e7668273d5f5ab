/** Protobuf and gRPC-Web that are broken in every way that their formats know, and compression that lies. */
import { gzipSync } from "node:zlib";
import type { Random } from "../random.ts";
import { type Arsenal, CONNECT_TYPES, connectRegister, type Hostile, withHeader } from "./request.ts";

/** Messages by their bytes. A tag is the number of a field, times eight, and how its value is written. */
function messages(random: Random, secret: string): Uint8Array[] {
  const text = Buffer.from(secret);
  const field = (tag: number, value: Uint8Array) => Buffer.concat([Buffer.from([tag, value.length]), value]);
  return [
    Buffer.alloc(0),
    random.bytes(random.between(1, 300)),
    field(0x0a, text),
    // Lengths beyond the end, of more than ten bytes, and negative.
    Buffer.concat([Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]), text]),
    Buffer.concat([Buffer.from([0x0a, ...Array(12).fill(0xff)]), text]),
    Buffer.concat([Buffer.from([0x0a, ...Array(9).fill(0xff), 0x01]), text]),
    // Groups within groups, never ended; ends without a beginning; reserved and impossible tags.
    Buffer.alloc(random.between(10, 100_000), 0x0b),
    Buffer.from([0x0c]),
    Buffer.from([0x06, 0x07, 0x00, 0x00]),
    // Not UTF-8, overlong, and a surrogate.
    field(0x0a, Buffer.from([0xff, 0xc0, 0xae, 0xed, 0xa0, 0x80])),
    // The same field twice and a thousand times; one of another type; enums that there are not.
    Buffer.concat(Array(1_000).fill(field(0x0a, text))),
    Buffer.from([0x08, 0x01, 0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x30, 0x63]),
    Buffer.concat(Array(30).fill(field(0x2a, field(0x2a, field(0x0a, text))))),
  ];
}

export function badProtobuf(arsenal: Arsenal): Hostile {
  const { random, secret } = arsenal;
  return { ...connectRegister(arsenal, "application/proto"), body: random.pick(messages(random, secret)) };
}

export function badEnvelope(arsenal: Arsenal): Hostile {
  const { random, secret } = arsenal;
  const message = random.pick(messages(random, secret));
  const frame = (flags: number, length: number, content: Uint8Array) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(flags);
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, content]);
  };
  const body = random.pick([
    frame(0, message.length, message),
    frame(0, (message.length + random.pick([-1, 1, 100, 2 ** 31])) >>> 0, message),
    frame(0, 0xffffffff, message),
    frame(1, message.length, message),
    frame(1, gzipSync(message).length, gzipSync(message)),
    frame(random.between(2, 255), message.length, message),
    Buffer.concat([frame(0, message.length, message), frame(0, message.length, message)]),
    Buffer.concat([frame(0, message.length, message), frame(0x80, 14, Buffer.from("grpc-status: 0"))]),
    random.bytes(random.between(0, 5)),
    Buffer.from(frame(0, message.length, message).toString("base64")),
  ]);
  const type = random.pick([
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web+json",
    "application/grpc-web-text",
    "application/grpc",
  ]);
  return { ...connectRegister(arsenal, type), body };
}

/** 64 MiB of spaces, which is JSON as far as it goes, in 64 KiB. */
const BOMB = gzipSync(Buffer.alloc(64 * 1_024 * 1_024, " "));

export function badCompression(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const request = connectRegister(arsenal, random.pick(CONNECT_TYPES));
  const valid = gzipSync(request.body);
  const body = random.pick<Uint8Array>([
    BOMB,
    gzipSync(BOMB),
    valid,
    gzipSync(valid),
    valid.subarray(0, random.between(0, valid.length - 1)),
    Buffer.concat([valid, random.bytes(20)]),
    Buffer.concat([valid, valid]),
    Buffer.concat([valid.subarray(0, 10), random.bytes(100)]),
    request.body,
  ]);
  const encoding = random.pick([
    "gzip",
    "gzip",
    "gzip",
    "GZIP",
    "br",
    "deflate",
    "identity",
    "gzip, gzip",
    "zstd",
    "",
    "x".repeat(5_000),
  ]);
  const name = random.pick(["content-encoding", "content-encoding", "grpc-encoding"]);
  return withHeader({ ...request, body }, name, encoding);
}
