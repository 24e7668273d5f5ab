/** What receives events, as its users would write it: by the libraries of Standard Webhooks and of CloudEvents, neither of them ours. */
import { type CloudEvent, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";

export const SECRET = `whsec_${btoa("a secret of 24 characters")}`;
export const NEXT_SECRET = `whsec_${btoa("the secret from next week on")}`;

/** One POST. */
export interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a POST says, or an error where its signature is not by the secret, or an event is none. */
export function eventsIn({ headers, body }: Received, secret = SECRET): CloudEvent<Data>[] {
  new Webhook(secret).verify(body, { ...headers });
  const events = HTTP.toEvent<Data>({ headers: { ...headers }, body }) as CloudEvent<Data>[];
  for (const event of events) {
    event.validate();
  }
  return events;
}

export interface Data {
  readonly AppInstanceUserArn?: string;
  readonly EndpointId?: string;
  readonly MovedTo?: { readonly AppInstanceUserArn: string; readonly EndpointId: string };
  readonly [name: string]: unknown;
}

/** "registered e1 2026-11-26T12:00:00.000Z" */
export function summaryOf({ type, subject, time }: CloudEvent<Data>): string {
  return [type.slice(type.lastIndexOf(".") + 1), subject, time].filter(Boolean).join(" ");
}
