/**
 * What Connect is given in the place of a request, so that it negotiates and frames the answer, and reads no message: its
 * own errors about one have no reason, and repeat values.
 */
import { CONNECT_TIMEOUT, GRPC_TIMEOUT } from "../worker/transport/rpc/deadline.ts";
import { envelope } from "../worker/transport/rpc/envelope.ts";
import { binaryType } from "./grpc-web-text.ts";

const NEGOTIATED = ["content-type", "accept-encoding", "grpc-accept-encoding"];

/** The longest that a timer of Node's can run; one that is to run longer goes off at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What Connect reads of the headers: nothing about an encoding, no deadline that is wrong, and none that lies weeks ahead. */
export function headersOfEmptyMessage(original: Headers): Headers {
  const headers = new Headers();
  for (const name of NEGOTIATED) {
    const value = original.get(name);
    if (value !== null) {
      headers.set(name, name === "content-type" ? binaryType(value) : value);
    }
  }
  for (const { name, read } of [CONNECT_TIMEOUT, GRPC_TIMEOUT]) {
    const value = original.get(name);
    if (value !== null && (read(value) ?? Number.POSITIVE_INFINITY) <= TIMER_MAX_MS) {
      headers.set(name, value);
    }
  }
  return headers;
}

/** A body that holds an empty message, as the media type has it. */
export async function* emptyBody(contentType: string): AsyncIterable<Uint8Array> {
  const message = new TextEncoder().encode(/\bjson\b/i.test(contentType) ? "{}" : "");
  yield /^application\/grpc\b/i.test(contentType) ? envelope(0, message) : message;
}
