import type { Failure } from "../../model/failure.ts";
import { BODY_MAX_BYTES } from "../../model/limits.ts";
import { refuse } from "./read.ts";

/** What a refusal calls the body as a whole. */
export const BODY = "the request body";

/** Reads a request's body, all of it or nothing, and never one longer than BODY_MAX_BYTES. */
export function readBody(request: Request): Promise<Uint8Array | Failure> {
  const announced = request.headers.get("content-length");
  if (Number(announced) > BODY_MAX_BYTES) {
    return Promise.resolve(TOO_LARGE);
  }
  // The runtime holds a body to the length that it announced, and tells of none where the body comes in chunks.
  return announced === null ? readStream(request.body) : whole(request.bytes());
}

/** Reads a body that may be of any length, never holding more than BODY_MAX_BYTES and the last chunk. */
export function readStream(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array | Failure> {
  return body === null ? Promise.resolve(new Uint8Array()) : whole(collect(body));
}

async function whole(reading: Promise<Uint8Array | Failure>): Promise<Uint8Array | Failure> {
  try {
    return await reading;
  } catch {
    // The caller is gone, or announced more or other than it sent: only the connection fails here.
    return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "sent to its end" };
  }
}

/** What a gzip-compressed body holds; the same bound applies to that, so a small body can't grow without end. */
export async function gunzip(body: Uint8Array): Promise<Uint8Array | Failure> {
  const compressed = new Response(body).body as ReadableStream<Uint8Array>;
  try {
    return await collect(compressed.pipeThrough(new DecompressionStream("gzip")));
  } catch {
    return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "gzip, as its encoding says" };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Parses a body as JSON, or refuses it. JSON.parse's own message repeats what it could not parse, so it is dropped. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return refuse(BODY, "JSON in UTF-8");
  }
}

const TOO_LARGE: Failure = { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: BODY_MAX_BYTES };

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array | Failure> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > BODY_MAX_BYTES) {
      return TOO_LARGE;
    }
    chunks.push(chunk);
  }
  return concatenate(chunks, length);
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
