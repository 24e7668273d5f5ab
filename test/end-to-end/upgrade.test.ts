/**
 * Stores as earlier releases left them on the disk, opened by this one. There is a fixture for each version of the
 * layout: test/fixtures/README.md says how it was made. When the layout changes, VERSION in src/worker/storage/rows.ts goes up,
 * older rows are still read, and a new fixture joins the others.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { deserialize } from "node:v8";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startWorkerd, type Workerd } from "../../src/serve/workerd/start.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { type Answer, type Caller, call, callerFor, type Members, type Operation } from "../support/calls.ts";
import { RESOURCE_ARN } from "../support/requests.ts";

/** The user of the fixtures. */
const USER_ARN = "arn:aws:chime:us-east-1:123456789012:app-instance/upgrade/user/alice";

/** Where workerd keeps that user: the namespace's key, and what it makes of that and the object's name. */
const FILE =
  "objects/rollcall-app-instance-user/9e5820419dc91380572713f0a28fbde572e7ff30d9729a86f66250fc4f776c46.sqlite";

/** What the fixtures' endpoints were registered with. The second was named later, and the third deregistered. */
const DEVICES = [
  {
    ...{ type: "APNS", resourceArn: RESOURCE_ARN, clientRequestToken: "request-1", name: "", allowMessages: "NONE" },
    endpointAttributes: { deviceToken: "device-1 é😀", voipDeviceToken: "voip-1" },
  },
  {
    ...{ type: "GCM", resourceArn: RESOURCE_ARN, clientRequestToken: "request-2" },
    endpointAttributes: { deviceToken: "device-2" },
  },
  {
    ...{ type: "APNS_SANDBOX", resourceArn: RESOURCE_ARN, clientRequestToken: "request-3" },
    endpointAttributes: { deviceToken: "device-3" },
  },
] as const;
const [FIRST, SECOND, THIRD] = DEVICES;
type Device = (typeof DEVICES)[number];

/** What came in the place of the third's, where its token did. */
const ROTATED = { deviceToken: "rotated", voipDeviceToken: "voip-3" };

let data: string;
let workerd: Workerd;
let caller: Caller;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "rollcall-upgrade-"));
  caller = await callerFor(USER_ARN);
});
afterEach(async () => {
  await workerd.stop("SIGKILL");
  rmSync(data, { recursive: true });
});

async function start(): Promise<void> {
  workerd = await startWorkerd({ bundle: WORKER_BUNDLE, data, variables: { LOCAL_MODE: "true" } });
}

async function startOn(fixture: string): Promise<void> {
  const file = join(data, FILE);
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(readFileSync(join(import.meta.dirname, "../fixtures", fixture), "utf8"));
  database.close();
  await start();
}

async function perform(operation: Operation, members?: Members): Promise<Answer> {
  const answer = await call(workerd.url, caller, "rest", operation, members);
  if (answer === undefined) {
    throw new Error(`${operation} was not answered`);
  }
  return answer;
}

/** What the push service said of a push to a device just now, and what became of that. */
async function fail(endpointId: unknown, { endpointAttributes: { deviceToken } }: Device, reason: string) {
  const failures = [{ endpointId, deviceToken, reason, timestamp: new Date() }];
  const { results } = (await perform("Report", { failures })).body as { results: readonly unknown[] };
  return results[0];
}

/** The tokens that a sender is told. */
async function woken(): Promise<unknown[]> {
  const { users } = (await perform("Resolve")).body as { users: { endpoints: Pick<Device, "endpointAttributes">[] }[] };
  return users.flatMap(({ endpoints }) => endpoints.map(({ endpointAttributes }) => endpointAttributes));
}

interface Described {
  readonly createdTimestamp: number;
  readonly deviceTokenTimestamp: number;
  readonly endpointState: { readonly status: string };
}

/** The layout of what is stored: every row without what differs from one endpoint to the next. */
function layout(): unknown[] {
  const database = new DatabaseSync(join(data, FILE));
  const rows = database.prepare("SELECT value FROM _cf_KV ORDER BY key").all() as { value: Uint8Array }[];
  database.close();
  return rows.map(({ value }) => {
    const stored = deserialize(Buffer.from(value)) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(stored).map(([name, member]) => [
        name,
        typeof member === "number" && member > 1e12 ? "a time" : member,
      ]),
    );
  });
}

describe.each(["store-v1.sql"])("%s", (fixture) => {
  it("opens, and everything in it is as it was", async () => {
    await startOn(fixture);
    const { body } = await perform("List");
    const listed = body.appInstanceUserEndpoints as { endpointId: string }[];
    const described = await Promise.all(listed.map(({ endpointId }) => perform("Describe", { endpointId })));
    expect(described.map(({ body: { appInstanceUserEndpoint } }) => appInstanceUserEndpoint)).toMatchObject([
      { type: "APNS", name: "", allowMessages: "NONE", endpointAttributes: FIRST.endpointAttributes },
      { type: "GCM", name: "Alice's phone", allowMessages: "ALL", endpointAttributes: SECOND.endpointAttributes },
    ]);
    // Rows from before a token could fail say neither that it has, nor when it was named: by their registration.
    for (const { body } of described) {
      const { createdTimestamp, deviceTokenTimestamp, endpointState } = body.appInstanceUserEndpoint as Described;
      expect(deviceTokenTimestamp).toBe(createdTimestamp);
      expect(endpointState).toEqual({ status: "ACTIVE" });
    }
    expect(await woken()).toEqual([SECOND.endpointAttributes]);

    // The request tokens are still known for what they made, and the devices taken.
    for (const [n, device] of [FIRST, SECOND].entries()) {
      const replay = await perform("Register", device);
      expect(replay).toMatchObject({ status: 200, body: { endpointId: listed[n]?.endpointId } });
      const again = await perform("Register", { ...device, clientRequestToken: "another" });
      expect(again).toMatchObject({
        status: 409,
        body: { message: expect.stringContaining(listed[n]?.endpointId ?? "") },
      });
    }
    expect(await perform("Register", THIRD)).toMatchObject({ status: 409 });
  });

  it("has its tokens fail and confirmed", async () => {
    await startOn(fixture);
    const { endpointId } = (await perform("Register", SECOND)).body;
    expect(await fail(endpointId, SECOND, "Unregistered")).toMatchObject({ effect: "DEACTIVATED" });
    expect(await woken()).toEqual([]);
    expect(await perform("Register", SECOND)).toMatchObject({ status: 200, body: { endpointId } });
    expect(await woken()).toEqual([SECOND.endpointAttributes]);
  });

  it("goes on living", async () => {
    await startOn(fixture);
    const added = await perform("Register", { ...THIRD, clientRequestToken: "request-4" });
    const { endpointId } = (await perform("Register", FIRST)).body;
    expect(await perform("Update", { endpointId, name: "Mine" })).toMatchObject({ status: 200 });
    expect(
      await perform("Deregister", { endpointId: (await perform("Register", SECOND)).body.endpointId }),
    ).toMatchObject({
      status: 200,
    });
    await workerd.stop();
    await start();
    expect((await perform("List")).body.appInstanceUserEndpoints).toMatchObject([
      { endpointId, name: "Mine", allowMessages: "NONE" },
      { endpointId: added.body.endpointId, type: "APNS_SANDBOX" },
    ]);
  });
});

describe("store-v1-failures.sql", () => {
  it("opens with what was held against the tokens, and which of them was put in another's place", async () => {
    await startOn("store-v1-failures.sql");
    const listed = (await perform("List")).body.appInstanceUserEndpoints as { endpointId: string }[];
    const described = await Promise.all(listed.map(({ endpointId }) => perform("Describe", { endpointId })));
    const endpoints = described.map(({ body }) => body.appInstanceUserEndpoint as Described);
    expect(endpoints.map(({ endpointState }) => endpointState.status)).toEqual(["INACTIVE", "ACTIVE", "ACTIVE"]);
    const since = endpoints.map((each) => each.deviceTokenTimestamp - each.createdTimestamp);
    expect(since.map(Math.sign)).toEqual([0, 0, 1]);
    expect(await woken()).toEqual([SECOND.endpointAttributes, ROTATED]);

    const endpointId = listed[0]?.endpointId;
    expect(await perform("Register", FIRST)).toMatchObject({ status: 200, body: { endpointId } });
    expect(await woken()).toEqual([SECOND.endpointAttributes, ROTATED]);
    expect(await perform("Update", { endpointId, allowMessages: "ALL" })).toMatchObject({ status: 200 });
    expect(await woken()).toEqual([FIRST.endpointAttributes, SECOND.endpointAttributes, ROTATED]);
  });
});

describe("the newest fixtures", () => {
  it.each([
    ["store-v1.sql", writePlain],
    ["store-v1-failures.sql", writeFailures],
  ])(
    "are what this release writes: if %s is not, the layout has changed and needs fixtures of its own",
    async (fixture, write) => {
      await startOn(fixture);
      await workerd.stop();
      const fromFixture = layout();
      rmSync(join(data, "objects"), { recursive: true });

      await start();
      await write();
      await workerd.stop();
      expect(layout()).toEqual(fromFixture);
    },
  );
});

/** Registers the devices, and answers their ids. Of one millisecond, the second would say that its token was named later. */
async function registerAll(): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (const device of DEVICES) {
    ids.push((await perform("Register", device)).body.endpointId);
    await setTimeout(2);
  }
  return ids;
}

async function writePlain(): Promise<void> {
  const ids = await registerAll();
  await perform("Update", { endpointId: ids[1], name: "Alice's phone" });
  await perform("Deregister", { endpointId: ids[2] });
}

async function writeFailures(): Promise<void> {
  const ids = await registerAll();
  await fail(ids[0], FIRST, "Unregistered");
  await fail(ids[1], SECOND, "BadDeviceToken");
  await perform("Update", { endpointId: ids[2], endpointAttributes: ROTATED });
}
