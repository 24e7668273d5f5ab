import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { authorize, type Credentials, type CredentialsProvider, type UnauthorizedRequest } from "./credentials.ts";
import { AppInstanceUserEndpointService } from "./gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { UnansweredError } from "./unanswered.ts";

/** Where to call, and as whom. */
export interface Target {
  readonly baseUrl: string | URL;
  readonly credentials: Credentials | CredentialsProvider;
  /** The region that a signature names. */
  readonly region: string;
  /** Undefined: that of the platform. */
  readonly fetch: typeof globalThis.fetch | undefined;
}

/**
 * Makes one attempt at a call, over Connect. The binary format knows enum values by their numbers, so an answer with
 * a value that is newer than this package can be read.
 */
export function attemptTransport(target: Target, forceRefresh: boolean): Transport {
  return createConnectTransport({
    baseUrl: String(target.baseUrl),
    useBinaryFormat: true,
    fetch: async (url, { headers, body, signal } = {}) => {
      const request = { url: String(url), headers: new Headers(headers), body: body as Uint8Array<ArrayBuffer> };
      const authorized = await untilAborted(() => authorizedHeaders(target, request, forceRefresh), signal);
      return exchange(target, { ...request, headers: authorized }, signal);
    },
  });
}

async function authorizedHeaders(
  { credentials, region }: Target,
  request: UnauthorizedRequest,
  forceRefresh: boolean,
): Promise<Headers> {
  try {
    const current = typeof credentials === "function" ? await credentials({ forceRefresh }) : credentials;
    return await authorize(request, current, region);
  } catch (cause) {
    throw new UnansweredError("credentials", "There are no credentials to call with.", cause);
  }
}

/** Reads the answer to its end, for a connection may be lost in the middle of it. */
async function exchange(
  { fetch = globalThis.fetch }: Target,
  { url, headers, body }: UnauthorizedRequest,
  signal: AbortSignal | null | undefined,
): Promise<Response> {
  try {
    // Connect asks for redirect "error", which Workers refuse to be asked for.
    const request = { method: "POST", headers, body, signal: signal ?? null, redirect: "manual" } as const;
    const response = await fetch(url, request);
    const { status } = response;
    const mayHaveBody = status === 200 || status >= 400;
    return mayHaveBody
      ? new Response(await contentOf(response, answerMaxBytes(url)), { status, headers: response.headers })
      : response;
  } catch (cause) {
    throw cause instanceof ConnectError
      ? cause
      : new UnansweredError("network", `No answer came from ${new URL(url).host}, or not all of it.`, cause);
  }
}

/** A page of 50 endpoints, each with a name of 1,600 characters, is 330 kB. */
const ANSWER_MAX_BYTES = 1_024 * 1_024;

/** Resolve's answers end at about 2 MiB; ARNs of those who were left over come besides. */
const RESOLVE_ANSWER_MAX_BYTES = 4 * 1_024 * 1_024;

function answerMaxBytes(url: string): number {
  const resolve = AppInstanceUserEndpointService.method.resolveAppInstanceUserEndpoints.name;
  return url.endsWith(`/${resolve}`) ? RESOLVE_ANSWER_MAX_BYTES : ANSWER_MAX_BYTES;
}

/** Throws ConnectError where it is more than any answer of Rollcall's, as something else at that URL may send. */
async function contentOf(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const add = (chunk: Uint8Array<ArrayBuffer>) => {
    length += chunk.byteLength;
    chunks.push(chunk);
    if (length > maxBytes) {
      throw new ConnectError("The answer is larger than any of Rollcall's.", Code.Unknown);
    }
  };
  // Where fetch has no streams, as in React Native.
  if (!response.body) {
    add(new Uint8Array(await response.arrayBuffer()));
    return joined(chunks, length);
  }
  const reader = response.body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      add(read.value);
    }
    return joined(chunks, length);
  } catch (error) {
    // Not waited for: what goes on sending may not heed it.
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** What `work` comes to, unless the signal aborts first. Nothing is begun if it has. */
function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    work()
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener("abort", abort));
  });
}
