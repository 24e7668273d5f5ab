import type { Exchange, Wire, WireAnswer, WireRequest } from "./exchange.ts";

/** What tells something of an answer, in the order in which it is shown. */
const TELLING = [
  ...["content-type", "x-amzn-errortype", "www-authenticate", "allow", "retry-after", "x-amz-retry-after"],
  "x-amzn-requestid",
];

/** Sends a request to the server that this page comes from. Never throws for want of an answer. */
export async function send(
  wire: Wire,
  { verb, path, headers, body }: WireRequest,
  { header, shown }: { readonly header?: string | undefined; readonly shown?: string | undefined },
): Promise<Exchange> {
  const sentAt = Date.now();
  const started = performance.now();
  const answer = await answerTo(path, {
    method: verb,
    headers: { ...headers, ...(header !== undefined && { authorization: header }) },
    ...(body !== "" && { body }),
    // Nothing of it is to be kept, and nothing but what is said here is to be sent.
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
  });
  return {
    wire,
    request: { verb, path, headers, body },
    ...(shown !== undefined && { authorization: shown }),
    ...(answer && { answer }),
    sentAt,
    tookMs: performance.now() - started,
  };
}

async function answerTo(path: string, init: RequestInit): Promise<WireAnswer | undefined> {
  try {
    const response = await fetch(path, init);
    const told = TELLING.map((name) => [name, response.headers.get(name)] as const);
    return {
      status: response.status,
      headers: Object.fromEntries(told.filter((entry): entry is [string, string] => entry[1] !== null)),
      body: await response.text(),
    };
  } catch {
    return undefined;
  }
}
