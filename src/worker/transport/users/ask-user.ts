import type { Config } from "../../config.ts";
import { tellDirectory } from "../../directory/tell.ts";
import type { Caller } from "../../model/caller.ts";
import type { DirectoryNamespace } from "../../model/directory-calls.ts";
import type { Failure } from "../../model/failure.ts";
import type { Tells } from "../../model/tells.ts";
import type { UserNamespace } from "../../model/user-rpcs.ts";
import type { AwakeUsers } from "../../objects/awake-users.ts";
import { objectName } from "../../objects/place.ts";
import { reportFault } from "../reporting/report.ts";
import type { RequestEvent } from "../reporting/request-event.ts";
import { type Attempt, callUser } from "./call-user.ts";
import { callerKey } from "./caller-rate.ts";
import type { ThrottledCalls } from "./throttled-calls.ts";
import type { UserCall } from "./user-call.ts";
import type { UsersOnDisk } from "./users-on-disk.ts";

/** What stands between a call and the users' objects. */
export interface Users {
  readonly config: Config;
  /** What users' objects have refused lately. */
  readonly throttledCalls: ThrottledCalls;
  /** Absent where users' objects have room enough, as on Cloudflare. */
  readonly awakeUsers?: AwakeUsers;
  /** Absent where users' files are not on this machine. */
  readonly usersOnDisk?: UsersOnDisk;
  readonly users: UserNamespace;
  /** Absent where nobody asks who has a device. */
  readonly directory?: DirectoryNamespace;
}

/** Calls a user's object, unless it is known already what it would answer, or that there is no room for it. Tells what failed. */
export async function askUser(
  users: Users,
  caller: Caller,
  call: UserCall,
  event: RequestEvent,
): Promise<Attempt["answer"]> {
  const { config, awakeUsers, usersOnDisk, throttledCalls } = users;
  const now = Date.now();
  const name = objectName(call.arn);
  const key = `${call.rpc} ${name}`;
  const throttled = throttledCalls.refusal(key, now);
  if (throttled !== undefined) {
    return throttled;
  }
  const unknown = awakeUsers?.has(name, now) ? undefined : await usersOnDisk?.answer(name, call);
  const known = unknown ?? awakeUsers?.enter(name, callerKey(caller), now);
  if (known !== undefined) {
    return known;
  }
  const { answer, retries, fault } = await callUser(users.users, config.placement, name, call);
  throttledCalls.note(key, now, answer);
  event.retries = (event.retries ?? 0) + retries;
  if (fault !== undefined) {
    reportFault(event, fault);
  }
  const failed = answer.kind === "ok" && answer.heard ? await tell(users, call, answer.heard, event) : undefined;
  return failed ?? answer;
}

/** Tells the Directory what it must hear before the call is answered, and answers why that failed. */
async function tell(
  { directory: shards, users, config }: Users,
  { arn }: UserCall,
  heard: Tells,
  event: RequestEvent,
): Promise<Failure | undefined> {
  if (shards === undefined || heard.tells.length === 0) {
    return undefined;
  }
  const telling = await tellDirectory({ shards, users, placement: config.placement }, arn, heard);
  switch (telling.kind) {
    case "told":
      event.moved = (event.moved ?? 0) + telling.moved;
      return undefined;
    case "unreached":
      return directoryUnreachable(event, telling.fault);
    default:
      return telling;
  }
}

/** What a caller is asked to wait before it calls again, be it to complete what the Directory has not heard. */
const RETRY_AFTER_MS = 1_000;

/** Tells what failed, and refuses with as little as a caller may know of it. */
export function directoryUnreachable(event: RequestEvent, fault: Error): Failure {
  reportFault(event, fault);
  return { kind: "unavailable", reason: "DIRECTORY_UNREACHABLE", retryAfterMs: RETRY_AFTER_MS };
}
