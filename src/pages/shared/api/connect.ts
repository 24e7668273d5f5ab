import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import type { Call } from "./call.ts";
import type { Credentials } from "./credentials.ts";
import type { Exchange, WireRequest } from "./exchange.ts";
import { send } from "./send.ts";

/** Changes a request on its way, to what no client would send. */
export type Tamper = (request: WireRequest) => WireRequest;

/** What a call came to. */
export type Outcome<Output extends DescMessage = DescMessage> =
  | { readonly exchange: Exchange; readonly response: MessageShape<Output>; readonly refusal?: undefined }
  | { readonly exchange: Exchange; readonly response?: undefined; readonly refusal: Refusal };

/** Why there is no response, as Connect's client reads it. */
export interface Refusal {
  /** The stable reason; where there is none, Connect's code. */
  readonly reason: string;
  readonly message: string;
  /** The endpoint that is in the way. */
  readonly endpointId?: string;
}

/** Makes a call over Connect, in JSON, as Connect's own client for browsers does; never throws for what is answered. */
export async function callConnect<Output extends DescMessage>(
  { method, request }: Call<Output>,
  credentials: Credentials,
  tamper: Tamper = (sent) => sent,
): Promise<Outcome<Output>> {
  let exchange: Exchange | undefined;
  const transport = createConnectTransport({
    baseUrl: location.origin,
    fetch: async (url, { headers, body } = {}) => {
      exchange = await send("Connect", tamper(wireRequest(String(url), headers, body, credentials)), credentials);
      return responseOf(exchange);
    },
  });
  try {
    const { message } = await transport.unary(method, undefined, undefined, undefined, request);
    return { exchange: sent(exchange), response: message };
  } catch (error) {
    const told = sent(exchange, error);
    return { exchange: told, refusal: refusalOf(ConnectError.from(error), told) };
  }
}

/** Read by servers of another version of the protocol only, so that calls by hand can do without. */
const PROTOCOL_VERSION = "connect-protocol-version";

function wireRequest(
  url: string,
  headers: HeadersInit | undefined,
  body: BodyInit | null | undefined,
  credentials: Credentials,
): WireRequest {
  const named = Object.fromEntries(new Headers(headers));
  delete named[PROTOCOL_VERSION];
  return {
    verb: "POST",
    path: new URL(url).pathname,
    headers: { ...named, ...credentials.headers },
    body: new TextDecoder().decode(body as Uint8Array<ArrayBuffer>),
  };
}

function responseOf({ answer }: Exchange): Response {
  if (answer === undefined) {
    throw new ConnectError("No answer came.", Code.Unavailable);
  }
  const mayHaveBody = answer.status !== 204 && answer.status !== 304;
  return new Response(mayHaveBody ? answer.body : null, { status: answer.status, headers: answer.headers });
}

/** What was sent. A client that fails before it sends has a bug. */
function sent(exchange: Exchange | undefined, cause?: unknown): Exchange {
  if (exchange === undefined) {
    throw new Error("Nothing was sent", { cause });
  }
  return exchange;
}

const NO_ANSWER: Refusal = { reason: "NO_ANSWER", message: "No answer came. Is the server running?" };

function refusalOf(error: ConnectError, { answer }: Exchange): Refusal {
  if (answer === undefined) {
    return NO_ANSWER;
  }
  const info = error.findDetails(ErrorInfoSchema)[0];
  const endpointId = info?.metadata.endpoint_id;
  return {
    reason: info?.reason || Code[error.code],
    message: error.rawMessage,
    ...(endpointId !== undefined && { endpointId }),
  };
}
