/** Who has a device, and what an app instance has, as it is looked up. */
import { describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { CLOCKS_APART_MAX_MS, FAN_OUT_MAX, LOOKED_UP_MAX } from "../../../src/worker/model/limits.ts";
import type { HoldsAsked } from "../../../src/worker/model/user-rpcs.ts";
import { AwakeUsers } from "../../../src/worker/objects/awake-users.ts";
import { sha256 } from "../../../src/worker/objects/device-key.ts";
import { AppInstance, directory, whereDevicesAre } from "../../support/devices.ts";
import { RESOURCE_ARN } from "../../support/requests.ts";

whereDevicesAre({ DEVICES: "share" });

describe("who has a device", () => {
  it("is checked with each user, and what nobody has any more is forgotten", async () => {
    const app = new AppInstance();
    await app.register("alice", "phone");
    const tell = { kind: "hold", device: app.keyOf("phone"), endpointId: "none", at: Date.now() } as const;
    await app.shardOf("phone").tell(app.arnOf("nobody"), [tell]);
    expect((await app.holdingsOf("phone")).map(({ userArn }) => userArn)).toContain(app.arnOf("nobody"));
    expect(await app.lookUp("phone")).toEqual(["alice"]);
    expect((await app.holdingsOf("phone")).map(({ userArn }) => userArn)).toEqual([app.arnOf("alice")]);
  });

  it("is forgotten too where the clock that named it was ahead", async () => {
    const app = new AppInstance();
    const at = Date.now() + 2 * CLOCKS_APART_MAX_MS;
    await app
      .shardOf("phone")
      .tell(app.arnOf("nobody"), [{ kind: "hold", device: app.keyOf("phone"), endpointId: "none", at }]);
    expect(await app.holdingsOf("phone")).toMatchObject([{ at: Date.now(), claimedAt: at }]);
    expect(await app.lookUp("phone")).toEqual([]);
    expect(await app.holdingsOf("phone")).toEqual([]);
  });

  it("is answered by endpoint, in the order of the users, and leaves out whom the caller may not know", async () => {
    const app = new AppInstance();
    const ids = new Map<string, string>();
    for (const user of ["carol", "alice", "bob"]) {
      ids.set(user, (await app.register(user, "phone")).body.endpointId);
    }
    const { body } = await app.call("LookupAppInstanceUserEndpoints", {
      appInstanceArn: app.arn,
      type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
      resourceArn: (await app.endpointsOf("alice"))[0]?.resourceArn,
      deviceToken: "phone",
    });
    expect(body).toEqual({
      endpoints: ["alice", "bob", "carol"].map((user) => ({
        appInstanceUserArn: app.arnOf(user),
        endpointId: ids.get(user),
      })),
    });
    expect(await app.lookUp("phone", [app.arnOf("bob")])).toEqual(["alice", "carol"]);
    // Not asked, so not forgotten either.
    expect(await app.holdingsOf("phone")).toHaveLength(3);
  });

  it("is asked of several users at once, and of no more than one call may ask", async () => {
    const app = new AppInstance();
    const users = Array.from({ length: LOOKED_UP_MAX + 5 }, (_, n) => `user-${n}`);
    for (const user of users) {
      await app.register(user, "phone");
    }
    let [asked, atOnce, most] = [0, 0, 0];
    const { holds } = AppInstanceUser.prototype;
    vi.spyOn(AppInstanceUser.prototype, "holds").mockImplementation(async function (
      this: AppInstanceUser,
      held: HoldsAsked,
    ) {
      asked++;
      most = Math.max(most, ++atOnce);
      await scheduler.wait(5);
      atOnce--;
      return holds.call(this, held);
    } as never);
    const found = await app.lookUp("phone");
    expect({ found: new Set(found).size, asked }).toEqual({ found: LOOKED_UP_MAX, asked: LOOKED_UP_MAX });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(FAN_OUT_MAX);
    // Whom the caller may not know takes nobody's place.
    const denied = users.slice(0, 40).map((user) => app.arnOf(user));
    expect(await app.lookUp("phone", denied)).toEqual(users.slice(40).toSorted());
  });

  it("is asked of as many as there is room for, and else refused", async () => {
    const app = new AppInstance();
    for (const user of ["alice", "bob", "carol"]) {
      await app.register(user, "phone");
    }
    Object.assign(app.service, { awakeUsers: new AwakeUsers(2) });
    const device = { type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM", resourceArn: RESOURCE_ARN, deviceToken: "phone" };
    expect(await app.call("LookupAppInstanceUserEndpoints", { appInstanceArn: app.arn, ...device })).toMatchObject({
      status: 503,
      reason: "TOO_MANY_USERS",
    });
  });

  it("is nobody where nobody registered it, and in another app instance", async () => {
    const [app, other] = [new AppInstance(), new AppInstance()];
    await app.register("alice", "phone");
    expect(await app.lookUp("other phone")).toEqual([]);
    expect(await other.lookUp("phone")).toEqual([]);
  });

  it("is refused to whom the app instance is denied", async () => {
    const app = new AppInstance();
    const request = { appInstanceArn: app.arn, maxResults: 1 };
    expect(await app.call("ListEndpointsByAppInstance", request, [app.arn])).toMatchObject({ status: 403 });
  });

  it("is not asked of what is no app instance, of which nobody would be found", async () => {
    const app = new AppInstance();
    await app.register("alice", "phone");
    const device = { type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM", resourceArn: RESOURCE_ARN, deviceToken: "phone" };
    for (const appInstanceArn of [app.arnOf("alice"), `${app.arn}/`, "arn:aws:s3:::bucket"]) {
      for (const [operation, more] of [
        ["LookupAppInstanceUserEndpoints", device],
        ["ListEndpointsByAppInstance", {}],
      ] as const) {
        const { status, reason } = await app.call(operation, { appInstanceArn, ...more });
        expect([operation, appInstanceArn, status, reason]).toEqual([
          operation,
          appInstanceArn,
          400,
          "CONSTRAINTS_VIOLATED",
        ]);
      }
    }
  });

  it("is not known without a Directory", async () => {
    const app = new AppInstance();
    Object.assign(app.service, { directory: undefined });
    expect(await app.call("ListEndpointsByAppInstance", { appInstanceArn: app.arn })).toMatchObject({
      status: 501,
      reason: "DIRECTORY_NOT_CONFIGURED",
    });
  });
});

describe("the endpoints of an app instance", () => {
  /** Users with a phone each, in some of the shards, and one who has two. */
  async function many() {
    const [app, other] = [new AppInstance(), new AppInstance()];
    const users = Array.from({ length: 12 }, (_, n) => `user-${n}`);
    for (const user of users) {
      await app.register(user, `phone of ${user}`);
    }
    await app.register("user-0", "tablet of user-0");
    await app.register("user-1", "phone of user-0");
    await other.register("stranger", "phone of user-0");
    return { app, all: [...users, "user-0", "user-1"].toSorted() };
  }

  /** All pages, to the end. */
  async function pagesOf(app: AppInstance, maxResults: number, denied: readonly string[] = []) {
    const pages: string[][] = [];
    for (let next = ""; ; ) {
      const { users, nextToken } = await app.list(maxResults, next, denied);
      pages.push(users);
      if (nextToken === "") {
        return pages;
      }
      next = nextToken;
    }
  }

  it.each([1, 2, 1_000])("are listed to the end, each once, on pages of %d", async (maxResults) => {
    const { app, all } = await many();
    const pages = await pagesOf(app, maxResults);
    expect(pages.flat().toSorted()).toEqual(all);
    expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(maxResults);
  });

  it("are listed of a shard whose devices have names that sort before those of the shard before", async () => {
    const app = new AppInstance();
    for (const shard of ["z", "0"]) {
      const tell = { kind: "hold", device: `${sha256(app.arn)}/${shard}`, endpointId: "1", at: Date.now() } as const;
      await directory.getByName(shard).tell(app.arnOf(shard), [tell]);
    }
    const listed: string[] = [];
    let nextToken = "";
    do {
      const page = await app.list(1_000, nextToken);
      listed.push(...page.users);
      nextToken = page.nextToken;
    } while (nextToken !== "");
    expect(listed).toEqual(["z", "0"]);
  });

  it("leave out users whom the caller may not know, and losers", async () => {
    const { app, all } = await many();
    const pages = await pagesOf(app, 3, [app.arnOf("user-0")]);
    expect(pages.flat().toSorted()).toEqual(all.filter((user) => user !== "user-0"));
  });

  it("go on after a page, whatever came or went since", async () => {
    const { app, all } = await many();
    const first = await app.list(1);
    await app.erase(first.users[0] ?? "");
    vi.advanceTimersByTime(1_000);
    const seen: string[] = [...first.users];
    for (let next = first.nextToken; next !== ""; ) {
      const page = await app.list(5, next);
      seen.push(...page.users);
      next = page.nextToken;
    }
    const stays = all.filter((user) => user !== first.users[0]);
    expect(seen.filter((user) => stays.includes(user)).toSorted()).toEqual(stays);
  });

  it("take a next token of the same app instance alone", async () => {
    const { app } = await many();
    const { nextToken } = await app.list(1);
    const other = new AppInstance();
    for (const token of [nextToken, "made up", "A"]) {
      const request = { appInstanceArn: other.arn, nextToken: token };
      expect(await other.call("ListEndpointsByAppInstance", request)).toMatchObject({ reason: "NEXT_TOKEN_INVALID" });
    }
  });

  it("go on in an app instance whose name is as long as can be", async () => {
    const app = new AppInstance();
    const appInstanceArn = app.arn.padEnd(1_500, "0");
    const { status, body } = await app.call("ListEndpointsByAppInstance", { appInstanceArn });
    expect({ status, body }).toEqual({ status: 200, body: { nextToken: expect.any(String) } });
    const next = await app.call("ListEndpointsByAppInstance", { appInstanceArn, nextToken: body.nextToken });
    expect(next.status).toBe(200);
  });

  it("take it only as it was issued, whichever of its characters is another", async () => {
    const { app } = await many();
    const { nextToken } = await app.list(1);
    for (const at of Array.from({ length: 16 }, (_, n) => Math.floor((n * (nextToken.length - 1)) / 15))) {
      const other = nextToken.charAt(at) === "A" ? "B" : "A";
      const request = { appInstanceArn: app.arn, nextToken: nextToken.slice(0, at) + other + nextToken.slice(at + 1) };
      expect(await app.call("ListEndpointsByAppInstance", request)).toMatchObject({ reason: "NEXT_TOKEN_INVALID" });
    }
  });

  it("tell nothing of users by it: neither where it goes on nor whether it is the same place again", async () => {
    const { app, all } = await many();
    const [one, other] = [await app.list(1), await app.list(1)];
    expect(one.nextToken).not.toBe(other.nextToken);
    const bytes = Buffer.from(one.nextToken, "base64url").toString("latin1");
    for (const user of all) {
      expect(bytes).not.toContain(sha256(app.arnOf(user)).slice(0, 6));
    }
    expect((await app.list(1, one.nextToken)).users).toEqual((await app.list(1, other.nextToken)).users);
  });
});
