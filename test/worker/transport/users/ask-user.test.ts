import { expect, it } from "vitest";
import { readConfig } from "../../../../src/worker/config.ts";
import type { Caller } from "../../../../src/worker/model/caller.ts";
import { askUser } from "../../../../src/worker/transport/users/ask-user.ts";
import { askUsers } from "../../../../src/worker/transport/users/ask-users.ts";
import { ThrottledCalls } from "../../../../src/worker/transport/users/throttled-calls.ts";
import type { UserCall } from "../../../../src/worker/transport/users/user-call.ts";
import { listing, registration, USER_ARN } from "../../../support/requests.ts";
import { usersThat } from "../../../support/users.ts";

const THROTTLED = { kind: "throttled", reason: "OPERATION_RATE_EXCEEDED", retryAfterMs: 60_001 } as const;
const REGISTER: UserCall = { rpc: "registerAppInstanceUserEndpoint", arn: USER_ARN, request: registration() };
const LIST: UserCall = { rpc: "listAppInstanceUserEndpoints", arn: USER_ARN, request: listing() };
const CALLER: Caller = { kind: "caller", principal: "1", policy: [], claims: new Map() };
const EVENT = { requestId: "request" };

/** What stands before users' objects that refuse every call for its rate. */
function throttled() {
  const { users, calls } = usersThat(() => THROTTLED);
  return { service: { config: readConfig({}), throttledCalls: new ThrottledCalls(), users }, calls };
}

it("who was refused one operation is refused it without the user's object, and asks that for any other", async () => {
  const { service, calls } = throttled();
  for (const call of [REGISTER, REGISTER, LIST, LIST]) {
    expect(await askUser(service, CALLER, call, EVENT)).toMatchObject({ reason: THROTTLED.reason });
  }
  expect(calls()).toBe(2);
});

it("a user among many is to be asked for again in whole seconds, and not too early", async () => {
  const { service } = throttled();
  const answers = await askUsers(service, CALLER, { calls: [LIST], gather: () => expect.fail() }, EVENT);
  expect(answers.get(USER_ARN)).toMatchObject({ errorCode: "Throttled", retryAfterSeconds: 61 });
});
