/**
 * What happens to every call, whichever wire it came by, in the order in which callers can see it. The wire has
 * found the operation before (route, method, content type); what follows is
 *
 *     size → authenticate → the caller's rate → decode → validate → authorise → call the user's object
 *
 * A call that is refused on the way never wakes the object.
 */
import type { Message } from "@bufbuild/protobuf";
import { authorise } from "../auth/authorise.ts";
import type { Config } from "../config.ts";
import type { Caller } from "../model/caller.ts";
import type { Failure } from "../model/failure.ts";
import type { Success, UserRequest } from "../model/operations.ts";
import type { AwakeUsers } from "./awake-users.ts";
import { type CallerRate, withinRate } from "./caller-rate.ts";
import type { Incoming } from "./incoming.ts";
import { readBody } from "./messages/body.ts";
import { INTERNAL } from "./messages/dialect.ts";
import { readMessage } from "./messages/read.ts";
import type { Operation } from "./messages/service.ts";
import { type ConstraintsViolated, validate } from "./messages/validate.ts";
import { writeMessage } from "./messages/write.ts";
import { reportBug, reportFault } from "./report.ts";
import type { ToldToWait } from "./told-to-wait.ts";
import { callUser, objectName, type UserNamespace } from "./user-object.ts";

/** A call as its wire presents it. */
export interface Call {
  readonly operation: Operation;
  readonly incoming: Incoming;
  /** Reads the request message out of the body, in the wire's own encoding. */
  readonly decode: (body: Uint8Array) => Promise<Message | Failure>;
  /** Until when the caller waits, in milliseconds since 1970, where it said. */
  readonly deadline?: number | undefined;
}

/** What calls are served with. */
export interface Service {
  readonly config: Config;
  /** Who is calling; `body` is what was read of the request, which a signature covers. */
  readonly authenticate: (request: Request, body: Uint8Array) => Promise<Caller | Failure>;
  /** Absent where the runtime has no rate limits, as bare workerd. */
  readonly callerRate?: CallerRate;
  /** What users' objects have refused lately. */
  readonly toldToWait: ToldToWait;
  /** Absent where users' objects have room enough, as on Cloudflare. */
  readonly awakeUsers?: AwakeUsers;
  readonly users: UserNamespace;
  /** Whether the user's object has this method. */
  readonly implements: (objectMethod: string) => boolean;
}

/** Why a call was refused. */
export type Refusal = Failure | ConstraintsViolated;

/** Performs a call. Never throws: a bug is reported under the request id and answered as internal, with nothing in it. */
export async function perform(call: Call, service: Service): Promise<Success<Message> | Refusal> {
  try {
    return await performInOrder(call, service);
  } catch (error) {
    reportBug(call.incoming.event, error);
    return { kind: "internal", reason: "INTERNAL" };
  }
}

async function performInOrder(
  { operation, incoming, decode, deadline }: Call,
  service: Service,
): Promise<Success<Message> | Refusal> {
  const { request, event } = incoming;
  const { authenticate, callerRate, implements: isImplemented } = service;
  if (!isImplemented(operation.objectMethod)) {
    return { kind: "not_implemented", reason: "NOT_IMPLEMENTED", operation: operation.name };
  }
  const body = await readBody(request);
  if ("kind" in body) {
    return body;
  }
  const caller = await authenticate(request, body);
  if (caller.kind !== "caller") {
    return caller;
  }
  const throttled = await withinRate(caller, callerRate);
  if (throttled !== undefined) {
    return throttled;
  }
  const message = await decode(body);
  if ("kind" in message) {
    return message;
  }
  const invalid = validate(operation, message);
  if (invalid !== undefined) {
    return invalid;
  }
  const plain = writeMessage(operation.method.input, message, INTERNAL) as unknown as UserRequest;
  const action = `chime:${operation.name}`;
  if (!authorise(caller, action, plain.appInstanceUserArn)) {
    return { kind: "forbidden", reason: "NOT_AUTHORIZED", action };
  }
  if (deadline !== undefined && Date.now() >= deadline) {
    return { kind: "deadline_exceeded", reason: "DEADLINE_EXCEEDED" };
  }
  const { answer, retries, fault } = await askUser(service, operation.objectMethod, plain);
  event.retries = retries;
  if (fault !== undefined) {
    reportFault(event, fault);
  }
  return answer.kind === "ok"
    ? { ...answer, response: readMessage(operation.method.output, answer.response, INTERNAL, "the response") }
    : answer;
}

/** Calls the user's object, unless it is known already that it would refuse, or that there is no room for it. */
async function askUser(
  { config, users, awakeUsers, toldToWait }: Service,
  objectMethod: string,
  request: UserRequest,
): ReturnType<typeof callUser> {
  const now = Date.now();
  const name = objectName(request.appInstanceUserArn);
  const call = `${objectMethod} ${name}`;
  const refused = toldToWait.refusal(call, now) ?? awakeUsers?.enter(name, now);
  if (refused !== undefined) {
    return { answer: refused, retries: 0 };
  }
  const asked = await callUser(users, config.placement, { name, objectMethod, request });
  toldToWait.note(call, now, asked.answer);
  return asked;
}
