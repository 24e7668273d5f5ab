/**
 * What one peer may take of the gateway, and what all may take together: docs/grpc.md names these numbers. One process
 * must bear all of them at once.
 */

/** Of a call: names and values of its headers. */
export const HEADERS_MAX_BYTES = 64 * 1_024;

/** Up to here headers are read, so that a call with too many of them is answered in its own protocol. */
export const HEADERS_READ_MAX_BYTES = 2 * HEADERS_MAX_BYTES;

export const CONNECTIONS_MAX = 4_000;

/** From one IPv4 address, or one /64 of IPv6, which is as much as one host has. */
export const CONNECTIONS_PER_ADDRESS_MAX = 1_000;

/** Calls at once on one connection. */
export const STREAMS_MAX = 100;

/** What all calls that are not answered yet may take together: what they sent, and CALL_BYTES for each. */
export const CALLS_MAX_BYTES = 128 * 1_024 * 1_024;

/** What Node and Connect keep for a call, as measured with 2,000 health watches. */
export const CALL_BYTES = 64 * 1_024;

/** What a piece of a request takes besides its bytes: it may hold a single one. */
export const CHUNK_BYTES = 256;

/** For the headers of a call, from the beginning of its connection or the end of the call before it. */
export const HEAD_MAX_MS = 10_000;

/** For a request, from its headers to its end. */
export const REQUEST_MAX_MS = 30_000;

/** For a caller to take its answer. */
export const ANSWER_MAX_MS = 30_000;

/** How long a connection of HTTP/2 may have no call, or be silent in the middle of one. */
export const IDLE_MAX_MS = 5 * 60_000;

/** For one stream of reflection or of a health watch. */
export const STREAM_MAX_MS = 60 * 60_000;

/** On one stream of reflection: far more than there are symbols to ask for. */
export const REFLECTION_REQUESTS_MAX = 1_000;

/** Health watches at once, all together. */
export const WATCHES_MAX = 500;

/** How long a request is read, and dropped, once its answer stands. */
export const DISCARD_MAX_MS = 1_000;
