/** A store from before the Directory, in the hands of this release: with it, and without. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { objectName } from "../../../src/worker/objects/place.ts";
import { type AppInstance, become, whereDevicesAre } from "../../support/devices.ts";
import { RESOURCE_ARN } from "../../support/requests.ts";
import { NOW } from "../../support/rows.ts";
import { beforeTheDirectory } from "../../support/stores/before-the-directory.ts";
import { put } from "../../support/stores/store.ts";
import { stored, userNamed } from "../../support/user-object.ts";

const MINUTE_MS = 60_000;
const ALICES_PHONE = "01a3185c-5000-7743-b91a-910ca3bb39ab";
const BOBS_PHONE = "01a31865-77c0-71b4-ac7f-f4b47bba656e";
const IPHONE = "01a3185d-3a60-7401-b605-f9b320e7fe27";
const TABLET = "01a3185e-24c0-70ff-9487-87160aa20084";
const LOST = "01a3185f-f980-72e7-9ca6-a999de01a7dd";
const CAROLS = "01a3186e-9f80-72b9-a9af-e61cf22f85c6";
const LONG = "01a31877-c740-700e-ad50-5ec168e20ced";

whereDevicesAre();

/** The store, an hour after its last row was written. */
async function opened(): Promise<AppInstance> {
  const app = await put(beforeTheDirectory);
  vi.setSystemTime(NOW + 90 * MINUTE_MS);
  return app;
}

async function describeAll(app: AppInstance, user: string) {
  const appInstanceUserArn = app.arnOf(user);
  const { body } = await app.call("ListAppInstanceUserEndpoints", { appInstanceUserArn });
  const listed = (body.appInstanceUserEndpoints ?? []) as { endpointId: string }[];
  return Promise.all(
    listed.map(async ({ endpointId }) => {
      const answer = await app.call("DescribeAppInstanceUserEndpoint", { appInstanceUserArn, endpointId });
      const { appInstanceUserArn: _, ...described } = answer.body.appInstanceUserEndpoint as Record<string, unknown>;
      return described;
    }),
  );
}

/** The tokens that a sender is told, of each user. */
async function woken(app: AppInstance, ...users: string[]): Promise<string[][]> {
  const { body } = await app.call("ResolveAppInstanceUserEndpoints", {
    appInstanceUserArns: users.map((user) => app.arnOf(user)),
  });
  const resolved = body.users as { endpoints?: { endpointAttributes: { deviceToken: string } }[] }[];
  return resolved.map(({ endpoints = [] }) =>
    endpoints.map(({ endpointAttributes }) => endpointAttributes.deviceToken),
  );
}

const time = (minutes: number) => new Date(NOW + minutes * MINUTE_MS).toISOString().replace(".000Z", "Z");

/** What an endpoint of the store says that nobody has changed since. */
function described(
  endpointId: string,
  {
    type,
    at,
    updated = at,
    allowMessages = "ALL",
    resourceArn = RESOURCE_ARN,
    ...rest
  }: {
    type: string;
    at: number;
    updated?: number;
    allowMessages?: string;
    resourceArn?: string;
    name?: string;
    endpointAttributes: object;
  },
) {
  return {
    ...{ endpointId, resourceArn, ...rest },
    type: `APP_INSTANCE_USER_ENDPOINT_TYPE_${type}`,
    allowMessages: `ALLOW_MESSAGES_${allowMessages}`,
    ...{ createdTimestamp: time(at), lastUpdatedTimestamp: time(updated), deviceTokenTimestamp: time(at) },
    endpointState: { status: "ENDPOINT_STATUS_ACTIVE" },
  };
}

const ALL = {
  alice: [
    described(ALICES_PHONE, { type: "GCM", at: 0, endpointAttributes: { deviceToken: "phone" } }),
    described(IPHONE, {
      ...{ type: "APNS", at: 1, name: "", allowMessages: "NONE" },
      endpointAttributes: { deviceToken: "a1b2c3", voipDeviceToken: "d4e5f6" },
    }),
    described(TABLET, {
      type: "APNS_SANDBOX",
      at: 2,
      updated: 3,
      name: "é😀",
      endpointAttributes: { deviceToken: "tablet" },
    }),
  ],
  bob: [described(BOBS_PHONE, { type: "GCM", at: 10, updated: 12, endpointAttributes: { deviceToken: "phone" } })],
  carol: [],
  long: [
    described(LONG, {
      ...{ type: "APNS", at: 30, name: "n".repeat(1_600) },
      resourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:".padEnd(1_071, "x"),
      endpointAttributes: { deviceToken: "d".repeat(1_600), voipDeviceToken: "v".repeat(1_600) },
    }),
  ],
};

describe.each([{ DEVICES: "" }, { DEVICES: "share" }, { DEVICES: "move" }])(
  "a store of 880a682, with %o",
  (variables) => {
    it("is answered as it was, member by member", async () => {
      await become(variables);
      const app = await opened();
      for (const [user, endpoints] of Object.entries(ALL)) {
        expect(await describeAll(app, user)).toEqual(endpoints);
      }
      expect(await woken(app, ...Object.keys(ALL))).toEqual([["phone", "tablet"], ["phone"], [], ["d".repeat(1_600)]]);
    });

    it("knows its request tokens, and those of what is gone for their 24 hours", async () => {
      await become(variables);
      const app = await opened();
      const retry = (user: string, token: string) => app.register(user, token, `${user}-${token}`);
      expect((await retry("alice", "phone")).body.endpointId).toBe(ALICES_PHONE);
      expect((await retry("bob", "phone")).body.endpointId).toBe(BOBS_PHONE);
      expect(await app.register("alice", "another", "alice-phone")).toMatchObject({ reason: "REQUEST_TOKEN_REUSED" });
      vi.setSystemTime(NOW + 1_445 * MINUTE_MS - 1);
      expect(await retry("alice", "lost")).toMatchObject({ status: 409, reason: "ENDPOINT_DEREGISTERED" });
      expect(await retry("carol", "carols")).toMatchObject({ status: 409, reason: "ENDPOINT_DEREGISTERED" });
      vi.setSystemTime(NOW + 1_445 * MINUTE_MS);
      expect((await retry("alice", "lost")).body.endpointId).not.toBe(LOST);
      expect(await retry("carol", "carols")).toMatchObject({ status: 409 });
      vi.setSystemTime(NOW + 1_461 * MINUTE_MS);
      expect((await retry("carol", "carols")).body.endpointId).not.toBe(CAROLS);
    });

    it("is purged by the alarms that it came with", async () => {
      await become(variables);
      const app = await opened();
      const [alice, carol] = ["alice", "carol"].map((user) => userNamed(objectName(app.arnOf(user))));
      vi.setSystemTime(NOW + 1_461 * MINUTE_MS);
      for (const user of [alice, carol]) {
        expect(user && (await runDurableObjectAlarm(user))).toBe(true);
      }
      expect(alice && (await stored(alice)).rows.map(({ endpointId }) => endpointId)).toEqual([
        ALICES_PHONE,
        IPHONE,
        TABLET,
      ]);
      expect(carol && (await stored(carol))).toEqual({ rows: [], alarm: null });
    });

    it("is erased, and a late retry brings nothing back", async () => {
      await become(variables);
      const app = await opened();
      expect(await app.erase("alice")).toMatchObject({ status: 200 });
      expect(await describeAll(app, "alice")).toEqual([]);
      expect(await app.register("alice", "phone", "alice-phone")).toMatchObject({ reason: "ENDPOINT_DEREGISTERED" });
      expect(await woken(app, "alice", "bob")).toEqual([[], ["phone"]]);
    });
  },
);

describe("the Directory, of a store that it has not seen grow", () => {
  it("knows of nobody until the app is next launched, by whichever request token", async () => {
    const app = await opened();
    expect(await app.lookUp("phone")).toEqual([]);
    expect((await app.list(10)).users).toEqual([]);
    expect((await app.register("alice", "phone", "alice-phone")).body.endpointId).toBe(ALICES_PHONE);
    expect(await app.lookUp("phone")).toEqual(["alice"]);
    expect((await app.register("bob", "phone", "launch")).body.endpointId).toBe(BOBS_PHONE);
    await app.alarms("phone");
    expect(await app.lookUp("phone")).toEqual(["bob"]);
    expect(await woken(app, "alice", "bob")).toEqual([["tablet"], ["phone"]]);
  });

  it("leaves a device with whoever had it before, until that user's app is launched, too", async () => {
    const app = await opened();
    await app.register("dave", "phone");
    await app.alarms("phone");
    expect(await woken(app, "alice", "bob", "dave")).toEqual([["phone", "tablet"], ["phone"], ["phone"]]);
    expect((await app.register("alice", "phone", "alice-phone")).body.endpointId).toBe(ALICES_PHONE);
    await app.alarms("phone");
    expect(await woken(app, "alice", "dave")).toEqual([["phone", "tablet"], []]);
  });

  it("hears of what an update, a deregistration or an erasure takes away, and of nothing that was not there", async () => {
    const app = await opened();
    expect(await app.update("alice", ALICES_PHONE, "new phone")).toMatchObject({ status: 200 });
    expect([await app.lookUp("phone"), await app.lookUp("new phone")]).toEqual([[], ["alice"]]);
    expect(await app.deregister("bob", BOBS_PHONE)).toMatchObject({ status: 200 });
    expect(await app.erase("alice")).toMatchObject({ status: 200 });
    expect([await app.holdingsOf("phone"), await app.holdingsOf("new phone")]).toEqual([[], []]);
  });
});
