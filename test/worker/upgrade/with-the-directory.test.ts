/** A store of this release's rows: what it writes, and what it makes of it. Each test begins where the store was left. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { eventId } from "../../../src/worker/core/directory/events/cloud-event.ts";
import type { WaitingEvent } from "../../../src/worker/model/events.ts";
import { DEVICES_PER_DAY } from "../../../src/worker/model/limits.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { type AppInstance, directory, whereDevicesAre } from "../../support/devices.ts";
import { SECRET } from "../../support/receiver.ts";
import { NOW } from "../../support/rows.ts";
import { put, type Store, storeOf } from "../../support/stores/store.ts";
import {
  ALICES_PHONE,
  ALICES_TABLET,
  ALICES_WATCH,
  BOBS_GONE,
  nextToken,
  withTheDirectory,
} from "../../support/stores/with-the-directory.ts";
import { stored, userNamed } from "../../support/user-object.ts";

const MINUTE_MS = 60_000;
const USERS = ["alice", "bob", "carol", "dave", "erin"];
const TOKENS = ["phone", "tablet", "tablet's next", "watch", "gone", "gone, too", "desk", "ahead"];
const EVENTS = { EVENTS_URL: "https://receiver.example.com/hook", EVENTS_SECRETS: JSON.stringify([SECRET]) };

whereDevicesAre(EVENTS);

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

function at(minutes: number): void {
  vi.setSystemTime(NOW + minutes * MINUTE_MS);
}

/** Answers each batch of events with a status, and answers the ids of those that came. */
function receive(status: number): () => string[] {
  const bodies: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_, init) => {
    bodies.push(String(init?.body));
    return new Response(null, { status });
  });
  return () => bodies.flatMap((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));
}

/** A push to Alice's watch has failed in a way that may be the token's fault. */
async function fail(app: AppInstance, endpointId: string): Promise<unknown> {
  const failure = {
    appInstanceUserArn: app.arnOf("alice"),
    endpointId,
    deviceToken: "watch",
    reason: "BadDeviceToken",
  };
  const failures = [{ ...failure, timestamp: new Date().toISOString() }];
  const { body } = await app.call("ReportAppInstanceUserEndpointFailures", { failures });
  return (body.results as unknown[])[0];
}

/** Tells all that leaves rows of its own, and answers what is stored then. Nobody takes the events. */
async function story(): Promise<Store> {
  const { appInstance } = withTheDirectory;
  receive(500);
  const app = await put({
    appInstance,
    users: Object.fromEntries(USERS.map((user) => [user, { rows: {} }])),
    shards: {},
  });
  const registered = async (user: string, token: string) =>
    (await app.register(user, token, `${user}-${token}`)).body.endpointId;

  // A phone that Bob takes over, a tablet whose token is rotated, and a watch whose token is suspected.
  await registered("alice", "phone");
  at(1);
  const tablet = await registered("alice", "tablet");
  at(2);
  await app.update("alice", tablet, "tablet's next");
  at(3);
  const endpointId = await registered("alice", "watch");
  at(4);
  await fail(app, endpointId);
  at(5);
  await registered("bob", "phone");
  await app.alarms("phone");

  // What is left of an endpoint that had two devices.
  at(6);
  const gone = await registered("bob", "gone");
  at(7);
  await app.update("bob", gone, "gone, too");
  at(8);
  await app.deregister("bob", gone);

  // Carol has yet to hear that Dave has her desk's.
  at(9);
  await registered("carol", "desk");
  at(10);
  const unheard = vi.spyOn(AppInstanceUser.prototype, "loseDevice").mockImplementation(() => {
    throw new Error("not now");
  });
  await registered("dave", "desk");
  await app.alarms("desk");
  unheard.mockRestore();

  // A clock was ahead when Erin's phone was registered, and that could not be told then.
  at(60);
  const lost = { getByName: () => ({ tell: () => Promise.reject(new Error("Network connection lost.")) }) };
  Object.assign(app.service, { directory: lost });
  await registered("erin", "ahead");
  Object.assign(app.service, { directory });
  at(11);
  await registered("erin", "ahead");
  // All events have failed once.
  for (const token of TOKENS.filter((token) => token !== "desk")) {
    await app.alarms(token);
  }
  return storeOf(appInstance, USERS);
}

/** A store in which each id is named by its place, for no two runs have the same. */
function withoutIds({ users, shards }: Store): unknown {
  const ids = Object.values(users).flatMap(({ rows }) => Object.keys(rows).map((key) => key.replace("endpoint/", "")));
  const { A: _, ...others } = shards;
  const text = JSON.stringify({ users, others });
  return JSON.parse(ids.reduce((rest, id, n) => rest.replaceAll(id, `endpoint ${n}`), text));
}

it("is what this release writes: if it is not, the layout has changed and needs a store of its own", async () => {
  expect(withoutIds(await story())).toEqual(withoutIds(withTheDirectory));
});

describe("a store of this release's rows", () => {
  /** An hour after its last row was written. */
  async function opened(): Promise<AppInstance> {
    const app = await put(withTheDirectory);
    at(90);
    return app;
  }

  async function woken(app: AppInstance): Promise<Record<string, string[]>> {
    const appInstanceUserArns = USERS.map((user) => app.arnOf(user));
    const { body } = await app.call("ResolveAppInstanceUserEndpoints", { appInstanceUserArns });
    const resolved = body.users as { endpoints?: { endpointAttributes: { deviceToken: string } }[] }[];
    const tokens = resolved.map(({ endpoints = [] }) => endpoints.map((each) => each.endpointAttributes.deviceToken));
    return Object.fromEntries(USERS.map((user, n) => [user, tokens[n] ?? []]));
  }

  const ALL = { alice: ["tablet's next", "watch"], bob: ["phone"], carol: ["desk"], dave: ["desk"], erin: ["ahead"] };

  it("wakes whom it did, and the Directory names who has what", async () => {
    const app = await opened();
    expect(await woken(app)).toEqual(ALL);
    const named = (token: string) => app.lookUp(token);
    expect(await Promise.all(["phone", "tablet", "tablet's next", "desk", "ahead", "gone"].map(named))).toEqual([
      ...[["bob"], [], ["alice"]],
      ...[["dave"], ["erin"], []],
    ]);
  });

  it("says of each endpoint when its token was named, and what is held against it", async () => {
    const app = await opened();
    const appInstanceUserArn = app.arnOf("alice");
    const described = await Promise.all(
      [ALICES_PHONE, ALICES_TABLET, ALICES_WATCH].map(async (endpointId) => {
        const { body } = await app.call("DescribeAppInstanceUserEndpoint", { appInstanceUserArn, endpointId });
        const { deviceTokenTimestamp, endpointState } = body.appInstanceUserEndpoint as Record<string, unknown>;
        return [Date.parse(String(deviceTokenTimestamp)) - NOW, endpointState];
      }),
    );
    const active = { status: "ENDPOINT_STATUS_ACTIVE" };
    expect(described).toEqual([
      [0, { status: "ENDPOINT_STATUS_INACTIVE", statusReason: "ENDPOINT_STATUS_REASON_INVALID_DEVICE_TOKEN" }],
      [2 * MINUTE_MS, active],
      [3 * MINUTE_MS, active],
    ]);
    at(4 + 24 * 60);
    expect(await fail(app, ALICES_WATCH)).toMatchObject({ effect: "FAILURE_EFFECT_DEACTIVATED" });
  });

  it("is listed on from a page of before", async () => {
    const app = await opened();
    const listed: string[] = [];
    for (let token = nextToken; token !== ""; ) {
      const page = await app.list(10, token);
      listed.push(...page.users);
      token = page.nextToken;
    }
    expect(listed).toEqual(["alice", "dave", "erin", "alice"]);
  });

  it("has Carol told what she has yet to hear", async () => {
    const app = await opened();
    receive(500);
    await app.alarms("desk");
    expect(await woken(app)).toEqual({ ...ALL, carol: [] });
    expect(JSON.stringify(await storeOf("with-the-directory", []))).not.toContain("loser/");
  });

  it("delivers every event that waits, by the id that it had", async () => {
    const app = await opened();
    const received = receive(204);
    for (const token of TOKENS) {
      await app.alarms(token);
    }
    const ids = Object.values(withTheDirectory.shards).flatMap(({ rows }) =>
      Object.entries(rows as Record<string, WaitingEvent>)
        .filter(([key]) => key.startsWith("event/"))
        .map(([, event]) => eventId(event)),
    );
    await vi.waitFor(() =>
      expect(
        received()
          .filter((id) => ids.includes(id))
          .toSorted(),
      ).toEqual(ids.toSorted()),
    );
  });

  it("has Alice take her phone back, by the request token of her first launch, and Bob lose it", async () => {
    const app = await opened();
    receive(204);
    expect((await app.register("alice", "phone", "alice-phone")).body.endpointId).toBe(ALICES_PHONE);
    await app.alarms("phone");
    expect(await woken(app)).toEqual({ ...ALL, alice: ["phone", ...ALL.alice], bob: [] });
    expect(await app.lookUp("phone")).toEqual(["alice"]);
  });

  it("lets a device go whose clock was ahead to whoever names it now", async () => {
    const app = await opened();
    at(12);
    await app.register("frank", "ahead");
    expect(await app.lookUp("ahead")).toEqual(["frank"]);
  });

  it("forgets a former device once the app is launched, a week later", async () => {
    const app = await opened();
    at(8 * 24 * 60);
    await app.register("alice", "tablet's next");
    const row = (await app.endpointsOf("alice")).find(({ endpointId }) => endpointId === ALICES_TABLET);
    expect(row).not.toHaveProperty("formerDevice");
    expect(await app.lookUp("tablet's next")).toEqual(["alice"]);
  });

  it("has what is left of an endpoint refuse a retry, and purged with what the Directory may have heard since", async () => {
    const app = await opened();
    expect(await app.register("bob", "gone", "bob-gone")).toMatchObject({ reason: "ENDPOINT_DEREGISTERED" });
    const late = { kind: "hold", device: app.keyOf("gone"), endpointId: BOBS_GONE, at: NOW + 6 * MINUTE_MS } as const;
    await app.shardOf("gone").tell(app.arnOf("bob"), [{ ...late, change: "registered" }]);
    expect(await app.holdingsOf("gone")).toHaveLength(1);
    at(8 + 24 * 60);
    const bob = userNamed(objectName(app.arnOf("bob")));
    expect(await runDurableObjectAlarm(bob)).toBe(true);
    expect((await stored(bob)).rows).toHaveLength(1);
    expect(await app.holdingsOf("gone")).toEqual([]);
  });

  it("counts the devices of a day, with those of an update", async () => {
    const app = await opened();
    for (let devices = 4; devices < DEVICES_PER_DAY; devices++) {
      expect(await app.register("alice", `new-${devices}`)).toMatchObject({ status: 200 });
    }
    expect(await app.register("alice", "one too many")).toMatchObject({ status: 429 });
  });
});
