/** Refuses requests before they are calls. */
import type { Context } from "hono";
import type { Failure } from "../model/failure.ts";
import { respond } from "./http/respond.ts";
import type { Incoming } from "./incoming.ts";
import type { RequestEvent } from "./reporting/request-event.ts";
import { errorReply } from "./rest/response.ts";
import { REST } from "./rest/wire.ts";
import { wireOf } from "./wires.ts";

/** Refuses in the form of the protocol that a request is one of. */
export function refuse(incoming: Incoming, failure: Failure): Response {
  const { event } = incoming;
  const wire = wireOf(incoming);
  if (wire !== undefined) {
    event.wire = wire.name;
  }
  event.outcome = failure;
  return respond(event, (wire ?? REST).refusal(failure, incoming));
}

/** Refuses what is of no protocol: for pages, and for what is nowhere. */
export function refuseInRest(event: RequestEvent, failure: Failure): Response {
  event.outcome = failure;
  return respond(event, errorReply(failure));
}

/** Refuses the methods that a path does not take, and says which it does. */
export function refuseOtherMethods(allowed: readonly string[]): (context: Context<{ Bindings: Incoming }>) => Response {
  return ({ env }) => refuseInRest(env.event, { kind: "wrong_method", reason: "METHOD_NOT_ALLOWED", allowed });
}
