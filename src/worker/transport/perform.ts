/**
 * What happens to every call, whichever wire it came by, in the order in which callers can see it:
 *
 *     route → method → type, encoding, deadline (found by the wire) → size → authenticate → the caller's rate → decode →
 *     validate → authorise → the deadline → room and rate of the user → call the user's object
 *
 * A call that is refused on the way never wakes the object. One about many users is refused as a whole for what its caller did
 * wrong; after that each user is served, or not, by itself.
 */
import { create, type Message } from "@bufbuild/protobuf";
import { AppInstanceUserEndpointService } from "../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { ServedBy } from "../../gen/rollcall/v1/options_pb.ts";
import { authorise } from "../auth/authorise.ts";
import type { Sessions } from "../auth/sessions/sessions.ts";
import type { ReceivedRequest } from "../auth/sigv4/verify.ts";
import { askDirectory, type DirectoryRequest } from "../directory/ask.ts";
import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";
import { whyUnreached } from "../objects/reach.ts";
import type { Incoming } from "./incoming.ts";
import { violated } from "./messages/constraints.ts";
import type { Rpc } from "./operations.ts";
import type { RequestEvent } from "./reporting/request-event.ts";
import type { Outcome, Perform } from "./serve.ts";
import { askUser, directoryUnreachable, type Users } from "./users/ask-user.ts";
import { askUsers } from "./users/ask-users.ts";
import { type Batch, batchOf, isBatch } from "./users/batch.ts";
import { admit, type CallerRate, callerKey } from "./users/caller-rate.ts";
import { namesToken, type UserCall, userCall } from "./users/user-call.ts";
import type { Call } from "./wire.ts";

/** What calls are served with. */
export interface Service extends Users {
  /** Who is calling. */
  readonly authenticate: (received: ReceivedRequest) => Promise<Caller | Failure>;
  /** Absent where there are none. */
  readonly sessions?: Sessions;
  /** Absent where the runtime has no rate limits, as bare workerd. */
  readonly callerRate?: CallerRate;
  /** That of calls about many users. */
  readonly batchRate?: CallerRate;
}

export function performer(service: Service): Perform {
  return (call, incoming) => perform(call, incoming, service);
}

async function perform(
  { operation, decode, deadline }: Call,
  { request, url, body, event }: Incoming,
  service: Service,
): Promise<Outcome> {
  if ("kind" in body) {
    return body;
  }
  const rate = isBatch(operation) ? service.batchRate : service.callerRate;
  const caller = await admit(await service.authenticate({ request, url, body }), rate, event);
  if (caller.kind !== "caller") {
    return caller;
  }
  const message = decode(body);
  if ("kind" in message) {
    return message;
  }
  const invalid = violated(operation.method.input, message, Date.now());
  if (invalid !== undefined) {
    return invalid;
  }
  const known = { operation, deadline, caller, event, service };
  switch (operation.servedBy) {
    case ServedBy.EACH_USER:
      return performMany(batchOf(operation, message), known);
    case ServedBy.DIRECTORY:
      return performInDirectory(message, known);
    default:
      return performOne(userCall(operation, message), known);
  }
}

/** A call that is read, and whose caller is known. */
interface Known extends Pick<Call, "operation" | "deadline"> {
  readonly caller: Caller;
  readonly event: RequestEvent;
  readonly service: Service;
}

async function performOne(call: UserCall, known: Known): Promise<Outcome> {
  const refused = refusal([call], known);
  if (refused !== undefined) {
    return refused;
  }
  const { operation, caller, event, service } = known;
  const answer = await askUser(service, caller, call, event);
  return answer.kind === "ok" ? { ...answer, response: create(operation.method.output, answer.response) } : answer;
}

async function performMany(batch: Batch, known: Known): Promise<Outcome> {
  const refused = refusal(batch.calls, known);
  if (refused !== undefined) {
    return refused;
  }
  const { operation, caller, event, service } = known;
  const { response, tally } = batch.gather(await askUsers(service, caller, batch, event));
  event.tally = tally;
  return { kind: "ok", response: create(operation.method.output, response) };
}

/** A call about an app instance: its caller must be allowed that, and hears of those users alone for whom it is allowed too. */
async function performInDirectory(request: Message, known: Known): Promise<Outcome> {
  const { operation, deadline, caller, event, service } = known;
  const { directory: shards, users, config, awakeUsers } = service;
  const action = `chime:${operation.name}`;
  const mayKnow = (arn: string) => authorise(caller, action, arn);
  const enter = (name: string) => awakeUsers?.enter(name, callerKey(caller), Date.now());
  if (!mayKnow((request as DirectoryRequest).appInstanceArn)) {
    return { kind: "forbidden", reason: "NOT_AUTHORIZED", action, on: "an app instance" };
  }
  if (Date.now() >= deadline) {
    return { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };
  }
  if (shards === undefined) {
    return { kind: "not_configured", reason: "DIRECTORY_NOT_CONFIGURED" };
  }
  try {
    const answer = await askDirectory({ shards, users, placement: config.placement }, request as DirectoryRequest, {
      mayKnow,
      enter,
    });
    return "kind" in answer ? answer : { kind: "ok", response: create(operation.method.output, answer) };
  } catch (error) {
    if (whyUnreached(error) === undefined) {
      throw error;
    }
    return directoryUnreachable(event, error as Error);
  }
}

/** Why none of the calls is made: the first that the caller may not make ends it. */
function refusal(calls: readonly UserCall[], { operation, deadline, caller }: Known): Failure | undefined {
  for (const call of calls) {
    for (const action of actionsOf(operation, call)) {
      if (!authorise(caller, action, call.arn)) {
        return {
          kind: "forbidden",
          reason: "NOT_AUTHORIZED",
          action,
          on: calls.length > 1 ? "one of several users" : "a user",
        };
      }
    }
  }
  return Date.now() >= deadline ? { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" } : undefined;
}

const REGISTER = `chime:${AppInstanceUserEndpointService.method.registerAppInstanceUserEndpoint.name}`;

/** What a caller must be allowed to do. Who names a token decides where a user's pushes go, so an update takes what registering takes. */
function actionsOf({ name }: Rpc, call: UserCall): string[] {
  const own = `chime:${name}`;
  return namesToken(call) && own !== REGISTER ? [own, REGISTER] : [own];
}
