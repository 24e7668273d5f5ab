/** Take-over over the real classes: users' objects, shards and their alarms, behind an app. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { DEVICES_PER_DAY } from "../../../src/worker/model/limits.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { AppInstance, become, whereDevicesAre } from "../../support/devices.ts";
import { NOW } from "../../support/rows.ts";
import { stored, userNamed } from "../../support/user-object.ts";

whereDevicesAre();

/** The phone of alice is bob's now, and she has been told. */
async function taken() {
  const app = new AppInstance();
  const alice = await app.register("alice", "phone", "of-alice");
  vi.advanceTimersByTime(1_000);
  const bob = await app.register("bob", "phone", "of-bob");
  await app.alarms("phone");
  vi.advanceTimersByTime(1_000);
  return { app, alice: alice.body.endpointId, bob: bob.body.endpointId };
}

const BOTH = ["alice", "bob"];

describe("a device that another user registers", () => {
  it("is that user's alone, and the former user's endpoint is INACTIVE", async () => {
    const { app, alice } = await taken();
    expect(await app.endpointsOf("alice")).toMatchObject([{ endpointId: alice, inactiveSince: NOW + 1_000 }]);
    expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
    expect(await app.lookUp("phone")).toEqual(["bob"]);
    const described = await app.call("DescribeAppInstanceUserEndpoint", {
      appInstanceUserArn: app.arnOf("alice"),
      endpointId: alice,
    });
    expect(described.body).toMatchObject({
      appInstanceUserEndpoint: { endpointState: { status: "ENDPOINT_STATUS_INACTIVE" } },
    });
  });

  it.each<[string, (app: AppInstance, endpointId: string) => Promise<{ status: number }>]>([
    ["by its stable request token", (app) => app.register("alice", "phone", "of-alice")],
    ["by adoption", (app) => app.register("alice", "phone", "of-another-launch")],
    ["by Update", (app, endpointId) => app.update("alice", endpointId, "phone")],
  ])("is taken back by the next launch, %s", async (_, launch) => {
    const { app, alice } = await taken();
    expect(await launch(app, alice)).toMatchObject({ status: 200 });
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["alice"]);
    expect(await app.lookUp("phone")).toEqual(["alice"]);
    expect(await app.endpointsOf("alice")).toMatchObject([{ endpointId: alice }]);
  });

  it("is taken back by a launch that would write nothing, before the alarm has run", async () => {
    const app = new AppInstance();
    await app.register("alice", "phone", "of-alice");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    vi.advanceTimersByTime(1_000);
    expect(await app.register("alice", "phone", "of-alice")).toMatchObject({ status: 200 });
    expect(await app.lookUp("phone"), "whom the Directory names as soon as the launch is answered").toEqual(["alice"]);
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["alice"]);
    expect(await app.endpointsOf("alice")).toMatchObject([{ deviceTokenAt: NOW + 2_000, rotations: [NOW + 2_000] }]);
  });

  it("of sixteen who race for it is one user's in the end, whichever comes first", async () => {
    const users = Array.from({ length: 16 }, (_, n) => `user-${n}`);
    for (let race = 0; race < 2; race++) {
      const app = new AppInstance();
      const order = users.toSorted(() => Math.random() - 0.5);
      await Promise.all(
        order.map((user, n) => {
          vi.setSystemTime(NOW + race * n);
          return app.register(user, "phone").then(({ status }) => expect(status).toBe(200));
        }),
      );
      vi.setSystemTime(NOW + 60_000);
      await app.alarms("phone");
      const [holder, ...others] = await app.holders("phone", users);
      expect({ holder, others }).toEqual({ holder: expect.any(String), others: [] });
      expect(await app.lookUp("phone")).toEqual([holder]);
    }
  });

  it("and rotates away from it takes nothing along", async () => {
    const { app, bob } = await taken();
    await app.update("bob", bob, "new phone");
    expect(await app.lookUp("phone")).toEqual([]);
    expect(await app.lookUp("new phone")).toEqual(["bob"]);
    expect(await app.holders("phone", BOTH)).toEqual([]);
  });

  it("with the same token never moves between two app instances", async () => {
    const [one, other] = [new AppInstance(), new AppInstance()];
    await one.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    await other.register("alice", "phone");
    await one.alarms("phone");
    await other.alarms("phone");
    expect(await one.holders("phone", ["alice"])).toEqual(["alice"]);
    expect(await other.holders("phone", ["alice"])).toEqual(["alice"]);
    expect(await one.lookUp("phone")).toEqual(["alice"]);
  });

  it("is counted: a hundred moved at once by a restored backup, each one user's, and the next one has to wait", async () => {
    const app = new AppInstance();
    const phones = Array.from({ length: DEVICES_PER_DAY + 1 }, (_, n) => `phone-${n}`);
    for (const phone of phones) {
      await app.register(`owner of ${phone}`, phone);
    }
    vi.advanceTimersByTime(1_000);
    const moved = phones.slice(0, DEVICES_PER_DAY);
    const answers = await Promise.all(moved.map((phone) => app.register("collector", phone)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const [last = ""] = phones.slice(-1);
    expect(await app.register("collector", last)).toMatchObject({
      status: 429,
      reason: "TOO_MANY_DEVICES",
      retryAfter: String(24 * 60 * 60),
    });
    for (const phone of moved) {
      await app.alarms(phone);
      expect(await app.holders(phone, [`owner of ${phone}`, "collector"])).toEqual(["collector"]);
    }
    expect(await app.lookUp(last)).toEqual([`owner of ${last}`]);
  });

  it("of an erased user is nowhere, and no late retry brings it back", async () => {
    const { app } = await taken();
    expect(await app.erase("alice")).toMatchObject({ status: 200, body: {} });
    expect(await app.erase("bob")).toMatchObject({ status: 200 });
    expect(await app.holdingsOf("phone")).toEqual([]);
    expect(await app.register("bob", "phone", "of-bob")).toMatchObject({ reason: "ENDPOINT_DEREGISTERED" });
    expect(await app.holdingsOf("phone")).toEqual([]);
  });

  it.each([0, 1, 2, 3])("is one user's when erases meet registers, %d", async (first) => {
    const app = new AppInstance();
    await app.register("alice", "phone", "of-alice");
    const calls = [
      () => app.erase("alice"),
      () => app.register("alice", "phone"),
      () => app.register("bob", "phone"),
      () => app.erase("alice"),
    ];
    await Promise.all([...calls.slice(first), ...calls.slice(0, first)].map((call) => call()));
    await app.alarms("phone");
    const holders = await app.holders("phone", BOTH);
    expect(holders.length).toBeLessThanOrEqual(1);
    expect(await app.lookUp("phone")).toEqual(holders);
    // Whatever came of that: an erase that nobody meets leaves nothing of the user.
    await app.erase("alice");
    expect((await app.holdingsOf("phone")).map(({ userArn }) => userArn)).not.toContain(app.arnOf("alice"));
  });
});

describe("the purge", () => {
  it("releases once more what came late, and leaves nothing of the user", async () => {
    const { app, bob } = await taken();
    const [late] = await app.holdingsOf("phone").then((all) => all.filter(({ isLost }) => !isLost));
    await app.deregister("bob", bob);
    // A Worker whose client had hung up tells what was true before.
    const tell = { kind: "hold", device: app.keyOf("phone"), endpointId: bob, at: late?.at ?? 0 } as const;
    await app.shardOf("phone").tell(app.arnOf("bob"), [tell]);
    expect(await app.holdingsOf("phone")).toMatchObject([{}, {}]);

    vi.advanceTimersByTime(25 * 60 * 60 * 1_000);
    const user = userNamed(objectName(app.arnOf("bob")));
    await runDurableObjectAlarm(user);
    expect((await app.holdingsOf("phone")).map(({ userArn }) => userArn)).toEqual([app.arnOf("alice")]);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });
});

describe("with DEVICES=share", () => {
  it("everybody has a device who registered it", async () => {
    await become({ DEVICES: "share" });
    const app = new AppInstance();
    for (const user of ["carol", ...BOTH]) {
      await app.register(user, "phone");
      vi.advanceTimersByTime(1_000);
    }
    await app.alarms("phone");
    expect(await app.holders("phone", ["carol", ...BOTH])).toEqual(["carol", ...BOTH]);
    expect(await app.lookUp("phone")).toEqual([...BOTH, "carol"]);
    await become({ DEVICES: "move" });
    vi.advanceTimersByTime(8 * 24 * 60 * 60 * 1_000);
    await app.register("alice", "phone");
    await app.alarms("phone");
    expect(await app.holders("phone", ["carol", ...BOTH])).toEqual(["alice"]);
  });
});

describe("without DEVICES", () => {
  it("no shard is called, and no row says anything of devices", async () => {
    await become({ DEVICES: "" });
    const app = new AppInstance();
    const getByName = vi.fn();
    Object.assign(app.service, { directory: { getByName, jurisdiction: getByName } });
    const { body } = await app.register("alice", "phone", "of-alice");
    await app.register("bob", "phone");
    await app.update("alice", body.endpointId, "other phone");
    expect(Object.keys((await app.endpointsOf("alice"))[0] ?? {})).not.toContain("formerDevice");
    await app.deregister("alice", body.endpointId);
    await app.erase("bob");
    expect(getByName).not.toHaveBeenCalled();
    const { rows } = await stored(userNamed(objectName(app.arnOf("alice"))));
    expect(rows.flatMap((row) => Object.keys(row))).not.toContain("held");
    expect(await app.holdingsOf("phone")).toEqual([]);
  });

  it("and with them again each device has one user after both have launched", async () => {
    const app = new AppInstance();
    const { body } = await app.register("alice", "phone");
    await become({ DEVICES: "" });
    await app.deregister("alice", body.endpointId);
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone", "of-bob");
    await become({ DEVICES: "move" });
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone", "of-bob");
    await app.alarms("phone");
    expect(await app.lookUp("phone")).toEqual(["bob"]);
    expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
  });
});
