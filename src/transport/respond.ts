import type { RequestEvent } from "./request-event.ts";

/** What a request is answered with. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: BodyInit | null;
}

/**
 * Makes the answer to a request, with the headers that every answer has. A response is made once and not touched again,
 * because each header set on it later, and more so each copy of it, costs a call into the runtime.
 */
export function respond(event: RequestEvent, { status, headers, body }: Reply): Response {
  return new Response(body, { status, headers: { ...headers, ...commonHeaders(event) } });
}

/** Answers with JSON. */
export function respondJson(event: RequestEvent, { body, headers, ...reply }: Omit<Reply, "body"> & { body: unknown }) {
  const json = { ...headers, "content-type": "application/json" };
  return respond(event, { ...reply, headers: json, body: JSON.stringify(body) });
}

/** What every answer tells. The runtime sends no Date, and an AWS SDK whose clock is off corrects it by this one. */
export function commonHeaders({ requestId }: RequestEvent): Record<string, string> {
  return { "x-amzn-requestid": requestId, date: new Date().toUTCString() };
}
