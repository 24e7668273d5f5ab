/**
 * gRPC-Web's text form: base64 around what the binary form has, which is all that Connect serves.
 * Source: PROTOCOL-WEB.md of grpc/grpc
 */
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalRequest, UniversalResponse } from "./listener.ts";

const TEXT = /^application\/grpc-web-text(?=\+|$)/i;
const BINARY = /^application\/grpc-web(?=\+|$)/i;

export function isText(contentType: string): boolean {
  return TEXT.test(contentType);
}

/** The media type of the binary form, for one of the text form; any other as it is. */
export function binaryType(contentType: string): string {
  return contentType.replace(TEXT, "application/grpc-web");
}

/** An answer in the binary form, as the text form has it. */
export function inText(response: UniversalResponse): UniversalResponse {
  const header = new Headers(response.header);
  header.set("content-type", (header.get("content-type") ?? "").replace(BINARY, "application/grpc-web-text"));
  return { ...response, header, ...(response.body && { body: encoded(response.body) }) };
}

/** Each chunk with padding of its own, as clients have to take it, so that none waits for the next one. */
async function* encoded(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    yield new TextEncoder().encode(Buffer.from(chunk).toString("base64"));
  }
}

/** A request in the text form, as the binary form has it. */
export function fromText(request: UniversalRequest): UniversalRequest {
  const header = new Headers(request.header);
  header.set("content-type", binaryType(header.get("content-type") ?? ""));
  return { ...request, header, body: decoded(request.body as AsyncIterable<Uint8Array>) };
}

/** Four characters at a time, because clients may end base64 with padding wherever they flush. */
async function* decoded(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let rest = "";
  for await (const chunk of body) {
    const text = rest + Buffer.from(chunk).toString("latin1");
    const end = text.length - (text.length % 4);
    rest = text.slice(end);
    for (const part of text.slice(0, end).match(/[^=]+={0,2}/g) ?? []) {
      yield bytesOf(part);
    }
  }
  if (rest !== "") {
    yield bytesOf(rest);
  }
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Buffer.from(atob(base64), "latin1");
  } catch {
    throw new ConnectError("The body must be base64, as its media type says.", Code.InvalidArgument);
  }
}
