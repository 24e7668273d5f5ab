import type { PageSettings } from "../../worker/model/page-settings.ts";
import type { Exchange } from "../shared/api/exchange.ts";
import type { Language } from "../shared/equivalents/equivalents.ts";
import { madeUpDeviceToken, newRequestToken } from "../shared/made-up.ts";
import { type Document, entriesOf, exampleOf } from "./document.ts";

/** All that the page knows. It is kept in memory and nowhere else, so the caller's token goes with the tab. */
export interface State {
  readonly settings: PageSettings;
  readonly document: Document;
  /** What the caller typed; empty in local mode: a token is made for each user. */
  readonly token: string;
  /** By operation, the request as JSON with the members of REST: an example until it is edited. */
  readonly requests: Readonly<Record<string, string>>;
  /** By operation, what became of the last call. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly language: Language;
  /** What a screen reader is told of the last thing that was done. */
  readonly said: string;
}

export type Outcome = { readonly exchange: Exchange } | { readonly unsent: string };

export const REGISTER = "RegisterAppInstanceUserEndpoint";
const UPDATE = "UpdateAppInstanceUserEndpoint";

export function initialState(settings: PageSettings, document: Document): State {
  const requests = entriesOf(document).map(
    ({ operation, described }) => [operation.name, exampleOf(described)] as const,
  );
  const texts = requests.map(([name, request]) => [name, JSON.stringify(request, null, 2)] as const);
  const state = { settings, document, token: "", outcomes: {}, language: "AWS CLI", said: "" } as const;
  return { ...state, requests: withMembers(Object.fromEntries(texts), sendable) };
}

/** What of an example must be otherwise, so that it can be sent: it is for one user, here and now. */
function sendable(
  operation: string,
  { AppInstanceUserArns, Failures }: Record<string, unknown>,
): Record<string, unknown> {
  if (operation === REGISTER) {
    return fresh();
  }
  return {
    // A token is for one user, as a rule; and AWS's clients, whose sample stands beside it, can't name a token in an update.
    ...(Array.isArray(AppInstanceUserArns) && { AppInstanceUserArns: AppInstanceUserArns.slice(0, 1) }),
    ...(operation === UPDATE && { EndpointAttributes: undefined }),
    ...(Array.isArray(Failures) && {
      Failures: Failures.map((failure) => ({ ...failure, Timestamp: Date.now() / 1_000 })),
    }),
  };
}

/** What other requests have of an endpoint that was registered. */
export function registered(
  { EndpointId: old, Failures }: Record<string, unknown>,
  { EndpointId, DeviceToken }: { readonly EndpointId: unknown; readonly DeviceToken: unknown },
): Record<string, unknown> {
  return {
    ...(old !== undefined && { EndpointId }),
    ...(Array.isArray(Failures) && {
      Failures: Failures.map((failure) => ({ ...failure, EndpointId, DeviceToken, Timestamp: Date.now() / 1_000 })),
    }),
  };
}

/** What makes a registration another one than those before. */
export function fresh(): Record<string, unknown> {
  return { EndpointAttributes: { DeviceToken: madeUpDeviceToken() }, ClientRequestToken: newRequestToken() };
}

/** Requests with these members, but those that are no JSON just now. */
export function withMembers(
  requests: State["requests"],
  members: (operation: string, request: Record<string, unknown>) => Record<string, unknown>,
): State["requests"] {
  return Object.fromEntries(
    Object.entries(requests).map(([name, text]) => {
      const request = parsed(text);
      return [name, request ? JSON.stringify({ ...request, ...members(name, request) }, null, 2) : text];
    }),
  );
}

/** An object of JSON. */
export function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
