import type { Config } from "../../config.ts";
import type { Caller } from "../../model/caller.ts";
import type { UserNamespace } from "../../model/user-rpcs.ts";
import { reportFault } from "../reporting/report.ts";
import type { RequestEvent } from "../reporting/request-event.ts";
import type { AwakeUsers } from "./awake-users.ts";
import { type Attempt, callUser } from "./call-user.ts";
import { callerKey } from "./caller-rate.ts";
import type { ThrottledCalls } from "./throttled-calls.ts";
import { objectName, type UserCall } from "./user-call.ts";
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
  return answer;
}
