import type { RequestEvent } from "../reporting/request-event.ts";

/** What a request is answered with. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: BodyInit | null;
}

/** An answer in JSON. */
export function jsonReply({ body, headers, status }: Omit<Reply, "body"> & { readonly body: unknown }): Reply {
  return { status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/**
 * Makes the answer to a request, with the headers that every answer has. A response is made once and not touched again,
 * because each header set on it later, and more so each copy of it, costs a call into the runtime.
 */
export function respond(event: RequestEvent, { status, headers, body }: Reply): Response {
  return new Response(body, { status, headers: { ...UNLESS_SAID, ...headers, ...commonHeaders(event) } });
}

/**
 * Answers hold device tokens, and one to a presigned request has no Authorization header by which caches would know it for
 * private; nor may a browser take it for a page.
 */
const UNLESS_SAID = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** What every answer has. The runtime sends no Date, and an AWS SDK whose clock is off corrects it by this one. */
export function commonHeaders({ requestId }: RequestEvent): Record<string, string> {
  return { "x-amzn-requestid": requestId, date: new Date().toUTCString() };
}
