import { describe, expect, it } from "vitest";
import { readConfig } from "../../../../src/worker/config.ts";
import { AwakeUsers } from "../../../../src/worker/objects/awake-users.ts";
import { objectName } from "../../../../src/worker/objects/place.ts";
import { askUser } from "../../../../src/worker/transport/users/ask-user.ts";
import { ThrottledCalls } from "../../../../src/worker/transport/users/throttled-calls.ts";
import type { UserCall } from "../../../../src/worker/transport/users/user-call.ts";
import { UsersOnDisk } from "../../../../src/worker/transport/users/users-on-disk.ts";
import { UNKNOWN_USER } from "../../../../src/worker/unknown-user.ts";
import { listing, registration, USER_ARN } from "../../../support/requests.ts";
import { usersThat } from "../../../support/users.ts";

const LIST: UserCall = { rpc: "listAppInstanceUserEndpoints", arn: USER_ARN, request: listing() };
const REGISTER: UserCall = { rpc: "registerAppInstanceUserEndpoint", arn: USER_ARN, request: registration() };

const CALLER = { kind: "caller", principal: "APP", policy: [], claims: new Map() } as const;

/** A machine whose disk answers `file`, with room for one user. */
function machine(file: () => Response) {
  const { users, calls } = usersThat(() => ({ kind: "ok", response: { asked: "the object" } }));
  const named = { ...users, idFromName: (name: string) => `id-${name}` };
  const asked: string[] = [];
  const files = {
    fetch: async (url: string) => {
      asked.push(url);
      return file();
    },
  } as unknown as Fetcher;
  const service = {
    config: readConfig({}),
    throttledCalls: new ThrottledCalls(),
    awakeUsers: new AwakeUsers(1),
    usersOnDisk: new UsersOnDisk(files, named, UNKNOWN_USER),
    users: named,
  };
  return { ask: (call: UserCall) => askUser(service, CALLER, call, { requestId: "request" }), asked, calls };
}

describe("a user's file", () => {
  it("is looked for by the object's id, and where there is none the object is not asked", async () => {
    const { ask, asked, calls } = machine(() => new Response(null, { status: 404 }));
    expect(await ask(LIST)).toMatchObject({ response: { appInstanceUserEndpoints: [] } });
    expect(asked).toEqual([`http://users/id-${objectName(USER_ARN)}.sqlite`]);
    expect(calls()).toBe(0);
  });

  it.each([
    ["is there", () => new Response(null)],
    [
      "can't be looked for",
      () => {
        throw new Error("internal error");
      },
    ],
  ])("%s: the object is asked, and while it is awake the disk is not asked again", async (_, file) => {
    const { ask, asked, calls } = machine(file);
    expect(await ask(LIST)).toMatchObject({ response: { asked: "the object" } });
    await ask(LIST);
    expect([asked.length, calls()]).toEqual([1, 2]);
  });

  it("is not looked for by a registration, which makes it", async () => {
    const { ask, asked, calls } = machine(() => new Response(null, { status: 404 }));
    await ask(REGISTER);
    expect([asked.length, calls()]).toEqual([0, 1]);
  });
});
