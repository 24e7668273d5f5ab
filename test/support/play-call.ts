import type { HistoryCall } from "./history.ts";
import type { ReferenceRegister, Told } from "./reference.ts";
import { asked } from "./requests.ts";

/** What a call of a history depends on besides itself. */
export interface Circumstances {
  readonly now: number;
  /** Of the endpoint that a registration makes, if it makes one. */
  readonly newId: string;
  /** The id of the endpoint that was made as the n-th. */
  readonly named: (endpoint: number) => string;
  /** The endpoint that a list which goes on goes on after. */
  readonly after?: string | undefined;
}

/** Plays a call on the reference, and tells what comes of it. */
export function playCall(
  reference: ReferenceRegister,
  call: HistoryCall,
  { now, newId, named, after }: Circumstances,
): Told {
  switch (call.call) {
    case "register":
      return reference.register(asked(call.request), now, newId);
    case "update": {
      const { call: _, endpoint, ...changes } = call;
      return reference.update(named(endpoint), changes, now);
    }
    case "describe":
      return reference.describe(named(call.endpoint));
    case "deregister":
      reference.deregister(named(call.endpoint), now);
      return "ok";
    case "list":
      return reference.list(call.maxResults, call.goesOn ? after : undefined);
  }
}
