import { gunzipSync } from "node:zlib";
import type { Failure, Invalid, TooLarge } from "../../model/failure.ts";
import { BODY_MAX_BYTES } from "../../model/limits.ts";
import { BODY } from "../messages/read.ts";

/** A request's body, or why it can't be had. */
export type Body = Uint8Array | TooLarge | Invalid;

/**
 * How much of a body that is too large is still read, and dropped, and for how long. Whoever is refused while it is
 * sending may see its connection end instead of the answer (RFC 9112 section 9.6), so the answer waits for it.
 */
const DISCARD_MAX_BYTES = 8 * 1_024 * 1_024;
const DISCARD_MAX_MS = 1_000;

/** Reads a request's body, all of it or nothing, and keeps none that is longer than BODY_MAX_BYTES. */
export function readBody(request: Request): Promise<Body> | Body {
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (announced <= BODY_MAX_BYTES) {
    // The runtime holds a body to the length that it announced.
    return whole(request.bytes());
  }
  if (announced > DISCARD_MAX_BYTES) {
    return TOO_LARGE;
  }
  return request.body === null ? new Uint8Array() : readStream(request.body);
}

/** Reads a body that may be of any length. */
export function readStream(body: AsyncIterable<Uint8Array>): Promise<Body> {
  return whole(collect(body));
}

async function whole(reading: Promise<Body>): Promise<Body> {
  try {
    return await reading;
  } catch {
    // The caller is gone, or announced more or other than it sent: only the connection fails here.
    return { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "sent to its end" };
  }
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array | TooLarge> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Iterated by hand, because `for await` would cancel the stream as it leaves it.
  const reading = stream[Symbol.asyncIterator]();
  for (let next = await reading.next(); !next.done; next = await reading.next()) {
    length += next.value.byteLength;
    if (length > BODY_MAX_BYTES) {
      await discard(reading);
      return TOO_LARGE;
    }
    chunks.push(next.value);
  }
  return concatenate(chunks, length);
}

/** What it leaves unread ends with the connection: to end the reading would wait for what is being read. */
async function discard(reading: AsyncIterator<Uint8Array>): Promise<void> {
  const { promise: timeUp, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, DISCARD_MAX_MS);
  for (let length = 0; length <= DISCARD_MAX_BYTES; ) {
    const next = await Promise.race([reading.next(), timeUp]);
    if (next === undefined || next.done) {
      break;
    }
    length += next.value.byteLength;
  }
  clearTimeout(timer);
}

const TOO_LARGE: TooLarge = { kind: "too_large", reason: "BODY_TOO_LARGE", limitBytes: BODY_MAX_BYTES };

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

/**
 * What a compressed body holds, at most BODY_MAX_BYTES. By node:zlib, which stops at that bound: workerd's
 * DecompressionStream inflates a chunk whole before it hands out the first byte.
 */
export function gunzip(body: Uint8Array): Uint8Array | Failure {
  try {
    return gunzipSync(body, { maxOutputLength: BODY_MAX_BYTES });
  } catch (error) {
    // Beyond the bound both runtimes throw a RangeError, and for what is no gzip another one.
    return error instanceof RangeError
      ? TOO_LARGE
      : { kind: "invalid", reason: "UNREADABLE_REQUEST", at: BODY, expected: "gzip, as its encoding says" };
  }
}
