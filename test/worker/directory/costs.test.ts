/** What calls cost where there is a Directory: rows are what Cloudflare bills, and an alarm is one. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { Directory } from "../../../src/worker/directory/directory.ts";
import { CONFIRMATION_LIFETIME_MS, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { firstEvents } from "../../../src/worker/storage/events.ts";
import { AppInstance, become, whereDevicesAre } from "../../support/devices.ts";
import { SECRET } from "../../support/receiver.ts";
import { RESOURCE_ARN } from "../../support/requests.ts";
import { userNamed } from "../../support/user-object.ts";

whereDevicesAre();

/** Two phones whose devices are in two shards, so that what is written at each is told apart. */
const PHONE = "phone";
const OTHER = "other";

/** What is written at alice, at bob, and at the shards of both phones, while something happens. */
async function costOf(app: AppInstance, happens: () => Promise<unknown>) {
  const places = {
    alice: userNamed(objectName(app.arnOf("alice"))),
    bob: userNamed(objectName(app.arnOf("bob"))),
    phone: app.shardOf(PHONE),
    other: app.shardOf(OTHER),
  };
  const count = () =>
    Promise.all(
      Object.values(places).map((place) =>
        runInDurableObject(place as DurableObjectStub, (_, { storage }) =>
          Number(storage.sql.exec("SELECT total_changes() AS n").one().n),
        ),
      ),
    );
  const before = await count();
  await happens();
  const after = await count();
  const rows = Object.keys(places).map((place, n) => [place, (after[n] ?? 0) - (before[n] ?? 0)] as const);
  return Object.fromEntries(rows.filter(([, written]) => written !== 0));
}

function later(ms = 1_000): void {
  vi.advanceTimersByTime(ms);
}

/** An app instance whose phones' shards differ, and have nothing left of other tests: an alarm that is set already is no row more. */
async function appInstance(): Promise<AppInstance> {
  for (;;) {
    const app = new AppInstance();
    const shards = [app.shardOf(PHONE), app.shardOf(OTHER)];
    if (new Set(shards.map(({ name }) => name)).size === shards.length) {
      await Promise.all(shards.map(emptied));
      return app;
    }
  }
}

function emptied(shard: ReturnType<AppInstance["shardOf"]>): Promise<void> {
  return runInDurableObject(shard as DurableObjectStub, async (_, { storage }) => {
    await storage.deleteAlarm();
    await storage.deleteAll();
  });
}

/** How many events wait at a shard. */
function waiting(app: AppInstance): Promise<number> {
  const shard = app.shardOf(PHONE) as DurableObjectStub;
  return runInDurableObject(shard, (_, { storage }) => firstEvents(storage.kv, 2).length);
}

async function registered() {
  const app = await appInstance();
  const { body } = await app.register("alice", "phone", "of-alice");
  later();
  return { app, endpointId: body.endpointId, arn: app.arnOf("alice") };
}

async function report(app: AppInstance, endpointId: string, reason: string) {
  const failure = { appInstanceUserArn: app.arnOf("alice"), endpointId, deviceToken: "phone", reason };
  return app.call("ReportAppInstanceUserEndpointFailures", {
    failures: [{ ...failure, timestamp: new Date().toISOString() }],
  });
}

describe("rows written with a Directory", () => {
  it("none by what only asks, and by a launch within a week", async () => {
    const { app, endpointId, arn } = await registered();
    // The first one ever makes the secret of the list's pages.
    await app.list(10);
    for (const call of [
      () => app.lookUp("phone"),
      () => app.list(10),
      () => app.call("ResolveAppInstanceUserEndpoints", { appInstanceUserArns: [arn], resourceArn: RESOURCE_ARN }),
      () => report(app, endpointId, "TooManyRequests"),
      () => app.register("alice", "phone", "of-alice"),
      () => app.register("alice", "phone", "of-another-launch"),
      () => app.update("alice", endpointId, "phone"),
    ]) {
      expect(await costOf(app, call)).toEqual({});
    }
  });

  it("in no transaction, which would be a commit, by a launch; nor by a registration, whose row is written or not", async () => {
    const app = await appInstance();
    const steps = await runInDurableObject(app.shardOf(PHONE) as DurableObjectStub, (_, { storage }) =>
      vi.spyOn(Object.getPrototypeOf(storage) as DurableObjectStorage, "transactionSync"),
    );
    await app.register("alice", "phone", "of-alice");
    later();
    await app.register("alice", "phone", "of-another-launch");
    expect(steps).not.toHaveBeenCalled();
    await app.register("bob", "phone");
    expect(steps).toHaveBeenCalledTimes(1);
  });

  it("one at each by a registration", async () => {
    const app = await appInstance();
    expect(await costOf(app, () => app.register("alice", "phone"))).toEqual({ alice: 1, phone: 1 });
  });

  it("one at each by a launch after a week: the newer time is what a late release is told apart by", async () => {
    const { app } = await registered();
    later(CONFIRMATION_LIFETIME_MS);
    expect(await costOf(app, () => app.register("alice", "phone", "of-alice"))).toEqual({ alice: 1, phone: 1 });
  });

  it("one at the user by a rename, and by a failure that applies", async () => {
    const { app, endpointId, arn } = await registered();
    const rename = { appInstanceUserArn: arn, endpointId, name: "new" };
    expect(await costOf(app, () => app.call("UpdateAppInstanceUserEndpoint", rename))).toEqual({ alice: 1 });
    expect(await costOf(app, () => report(app, endpointId, "Unregistered"))).toEqual({ alice: 1 });
  });

  it("one at the user and one for each device by a rotation", async () => {
    const { app, endpointId } = await registered();
    const cost = await costOf(app, () => app.update("alice", endpointId, "other"));
    expect(cost).toEqual({ alice: 1, phone: 1, other: 1 });
  });

  it("one at each by a deregistration, and the first alarm; one row goes at the purge", async () => {
    const { app, endpointId } = await registered();
    expect(await costOf(app, () => app.deregister("alice", endpointId))).toEqual({ alice: 1 + 1, phone: 1 });
    expect(await costOf(app, () => app.deregister("alice", endpointId))).toEqual({});
    later(TOMBSTONE_LIFETIME_MS);
    const forget = vi.spyOn(Directory.prototype, "forget");
    const purge = () => runDurableObjectAlarm(userNamed(objectName(app.arnOf("alice"))));
    expect(await costOf(app, purge)).not.toHaveProperty("phone");
    expect(forget).toHaveBeenCalledTimes(1);
  });

  it("one for each endpoint by an erase, and the first alarm", async () => {
    const { app } = await registered();
    await app.register("alice", "other");
    expect(await costOf(app, () => app.erase("alice"))).toEqual({ alice: 2 + 1, phone: 1, other: 1 });
    expect(await costOf(app, () => app.erase("alice"))).toEqual({});
  });

  it("two at the user and at the shards by a registration at the limit, and the first alarm", async () => {
    await become({ ENDPOINTS_PER_USER: "1" });
    const { app, endpointId } = await registered();
    await report(app, endpointId, "Unregistered");
    const cost = await costOf(app, () => app.register("alice", "other"));
    expect(cost).toEqual({ alice: 2 + 1, phone: 1, other: 1 });
  });

  it("by a move: three more at the shard and the alarm, then one at the loser", async () => {
    const { app } = await registered();
    // The new holder; what was the former one's, and is lost; who is to be told, and when.
    expect(await costOf(app, () => app.register("bob", "phone"))).toEqual({ bob: 1, phone: 1 + 2 + 1 + 1 });
    // What was to be told goes, as does the alarm; what was lost stays.
    expect(await costOf(app, () => app.alarms("phone"))).toEqual({ alice: 1, phone: 2 });
  });

  it("by a launch that would write nothing, of a loser who has yet to be told: a move, and two rows for what is lost no more", async () => {
    const { app } = await registered();
    await app.register("bob", "phone");
    later();
    const cost = await costOf(app, () => app.register("alice", "phone", "of-alice"));
    expect(cost).toEqual({ alice: 1, phone: 1 + 3 + 1 + 2 });
  });
});

describe("rows written with events", () => {
  it("two for each, one when it happens and one when it is delivered; a batch has its alarms, and how far the shard has come", async () => {
    await become({ EVENTS_URL: "https://receiver.example.com/", EVENTS_SECRETS: JSON.stringify([SECRET]) });
    const receiver = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(null, { status: 204 }));
    const app = await appInstance();
    // An alarm is to send it.
    expect(await costOf(app, () => app.register("alice", "phone"))).toEqual({ alice: 1, phone: 1 + 1 + 1 });
    expect(receiver).not.toHaveBeenCalled();
    const delivered = await costOf(app, async () => {
      await app.alarms("phone");
      await vi.waitFor(() => expect(receiver).toHaveBeenCalledTimes(1));
      await vi.waitFor(async () => expect(await waiting(app)).toBe(0));
    });
    // That alarm goes, and one is set that would find the shard stopped while it sends.
    expect(delivered).toEqual({ phone: 1 + 1 + 2 });
  });
});

describe("rows written without", () => {
  it("are those of the user alone, as ever", async () => {
    await become({ DEVICES: "" });
    const app = await appInstance();
    expect(await costOf(app, () => app.register("alice", "phone"))).toEqual({ alice: 1 });
    expect(await costOf(app, () => app.register("bob", "phone"))).toEqual({ bob: 1 });
  });
});
