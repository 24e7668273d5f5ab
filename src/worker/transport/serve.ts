import type { Message } from "@bufbuild/protobuf";
import type { Failure } from "../model/failure.ts";
import type { Success } from "../model/user-rpcs.ts";
import { type Reply, respond } from "./http/respond.ts";
import type { Incoming } from "./incoming.ts";
import { reportBug } from "./reporting/report.ts";
import type { Call, Wire } from "./wire.ts";

/** How a call ends: in a response message, or in why there is none. */
export type Outcome = Success<Message> | Failure;

/** Does what a call asks for, whichever wire it came by. */
export type Perform = (call: Call, incoming: Incoming) => Promise<Outcome>;

/**
 * The way of every call: the wire says what is called and how, `perform` does it, the wire writes what came of it. A bug
 * on that way is reported under the request id, and answered with nothing in it.
 */
export async function serve(wire: Wire, incoming: Incoming, perform: Perform): Promise<Response> {
  const { event } = incoming;
  event.wire = wire.name;
  const { outcome, reply } = await attend(wire, incoming, perform).catch((error) => {
    reportBug(event, error);
    return refused(wire, incoming, { kind: "internal", reason: "INTERNAL" });
  });
  event.outcome = outcome;
  return respond(event, reply);
}

interface Ending {
  readonly outcome: Outcome;
  readonly reply: Reply;
}

async function attend(wire: Wire, incoming: Incoming, perform: Perform): Promise<Ending> {
  const route = wire.route(incoming);
  if ("kind" in route) {
    return refused(wire, incoming, route);
  }
  incoming.event.operation = route.operation.name;
  const call = wire.call(route, incoming);
  if ("kind" in call) {
    return refused(wire, incoming, call);
  }
  const outcome = await perform(call, incoming);
  return outcome.kind === "ok" ? { outcome, reply: call.encode(outcome) } : refused(wire, incoming, outcome);
}

function refused(wire: Wire, incoming: Incoming, failure: Failure): Ending {
  return { outcome: failure, reply: wire.refusal(failure, incoming) };
}
