/**
 * What happens to every call, whichever wire it came by, in the order in which callers can see it:
 *
 *     route → method → type, encoding, deadline (found by the wire) → size → authenticate → the caller's rate → decode →
 *     validate → authorise → the deadline → room and rate of the user → call the user's object
 *
 * A call that is refused on the way never wakes the object.
 */
import { create } from "@bufbuild/protobuf";
import { authorise } from "../auth/authorise.ts";
import type { ReceivedRequest } from "../auth/sigv4/verify.ts";
import type { Config } from "../config.ts";
import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";
import type { UserNamespace } from "../model/user-rpcs.ts";
import type { Incoming } from "./incoming.ts";
import { violated } from "./messages/constraints.ts";
import { reportFault } from "./reporting/report.ts";
import type { Outcome, Perform } from "./serve.ts";
import type { AwakeUsers } from "./users/awake-users.ts";
import { callUser } from "./users/call-user.ts";
import { type CallerRate, callerKey, withinRate } from "./users/caller-rate.ts";
import type { ThrottledCalls } from "./users/throttled-calls.ts";
import { objectName, type UserCall, userCall } from "./users/user-call.ts";
import type { Call } from "./wire.ts";

/** What calls are served with. */
export interface Service {
  readonly config: Config;
  /** Who is calling. */
  readonly authenticate: (received: ReceivedRequest) => Promise<Caller | Failure>;
  /** Absent where the runtime has no rate limits, as bare workerd. */
  readonly callerRate?: CallerRate;
  /** What users' objects have refused lately. */
  readonly throttledCalls: ThrottledCalls;
  /** Absent where users' objects have room enough, as on Cloudflare. */
  readonly awakeUsers?: AwakeUsers;
  readonly users: UserNamespace;
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
  const caller = await service.authenticate({ request, url, body });
  if (caller.kind !== "caller") {
    return caller;
  }
  const throttled = await withinRate(caller, service.callerRate);
  if (throttled !== undefined) {
    return throttled;
  }
  const message = decode(body);
  if ("kind" in message) {
    return message;
  }
  const invalid = violated(operation.method.input, message);
  if (invalid !== undefined) {
    return invalid;
  }
  const call = userCall(operation, message);
  const action = `chime:${operation.name}`;
  if (!authorise(caller, action, call.request.appInstanceUserArn)) {
    return { kind: "forbidden", reason: "NOT_AUTHORIZED", action };
  }
  if (Date.now() >= deadline) {
    return { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };
  }
  const { answer, retries, fault } = await askUser(service, caller, call);
  event.retries = retries;
  if (fault !== undefined) {
    reportFault(event, fault);
  }
  return answer.kind === "ok" ? { ...answer, response: create(operation.method.output, answer.response) } : answer;
}

/** Calls the user's object, unless it is known already that it would refuse, or that there is no room for it. */
async function askUser(
  { config, users, awakeUsers, throttledCalls }: Service,
  caller: Caller,
  call: UserCall,
): ReturnType<typeof callUser> {
  const now = Date.now();
  const name = objectName(call.request.appInstanceUserArn);
  const key = `${call.rpc} ${name}`;
  const refused = throttledCalls.refusal(key, now) ?? awakeUsers?.enter(name, callerKey(caller), now);
  if (refused !== undefined) {
    return { answer: refused, retries: 0 };
  }
  const asked = await callUser(users, config.placement, name, call);
  throttledCalls.note(key, now, asked.answer);
  return asked;
}
