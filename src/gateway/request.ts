/** Reads what a call brings: its message, in whichever of the protocols, and the time that is left for it. */
import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Failure } from "../model/failure.ts";
import { headerRefusal } from "../transport/connect/headers.ts";
import { decodeBody, type Framing } from "../transport/connect/request.ts";
import { readStream } from "../transport/messages/body.ts";

/** gRPC frames its messages as gRPC-Web does. */
export function framingOf(headers: Headers): Framing {
  const type = headers.get("content-type") ?? "";
  return {
    json: /^application\/(grpc(-web)?\+)?json\b/i.test(type),
    enveloped: /^application\/grpc\b/i.test(type),
    gzip: headers.get("content-encoding") === "gzip",
  };
}

/** The message of a call, or why it can't be had. No more is read than the server would read. */
export async function readRequest(
  schema: DescMessage,
  headers: Headers,
  body: AsyncIterable<Uint8Array>,
): Promise<Message | Failure> {
  const refused = headerRefusal(headers);
  if (refused !== undefined) {
    return refused;
  }
  const bytes = await readStream(body);
  return "kind" in bytes ? bytes : decodeBody(schema, framingOf(headers), bytes);
}

/** Whether SigV4 was used, in a header or in the query. */
export function isSigned(headers: Headers, url: string): boolean {
  return /^AWS4-/i.test(headers.get("authorization") ?? "") || /[?&]X-Amz-(Algorithm|Signature)=/i.test(url);
}

const TIMEOUTS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1 };

/** The longest that a timer of Node's can run; one that is to run longer goes off at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Takes out a deadline that lies weeks ahead: no call lasts as long. */
export function withoutFarDeadline(headers: Headers): Headers {
  const near = new Headers(headers);
  const [, amount, unit = ""] = /^(\d+)([HMSm])$/.exec(headers.get("grpc-timeout") ?? "") ?? [];
  if (Number(amount) * (TIMEOUTS[unit] ?? 0) > TIMER_MAX_MS) {
    near.delete("grpc-timeout");
  }
  if (Number(headers.get("connect-timeout-ms")) > TIMER_MAX_MS) {
    near.delete("connect-timeout-ms");
  }
  return near;
}
