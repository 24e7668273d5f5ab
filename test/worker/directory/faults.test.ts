/** The Directory is not reached, users' objects do not answer its alarm, and calls end before it has heard of them. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import { Directory } from "../../../src/worker/directory/directory.ts";
import type { DirectoryNamespace } from "../../../src/worker/model/directory-calls.ts";
import {
  ALARM_PAUSE_MS,
  LOSER_ANSWER_MAX_MS,
  PURGE_PAUSE_MS,
  TOMBSTONE_LIFETIME_MS,
} from "../../../src/worker/model/limits.ts";
import type { Lost } from "../../../src/worker/model/user-rpcs.ts";
import { SHARDS, sha256 } from "../../../src/worker/objects/device-key.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { AppInstance, whereDevicesAre } from "../../support/devices.ts";
import { RESOURCE_ARN } from "../../support/requests.ts";
import { stored, userNamed } from "../../support/user-object.ts";
import { runtimeError } from "../../support/users.ts";

whereDevicesAre();

const BOTH = ["alice", "bob"];
const { DIRECTORY } = env as unknown as { DIRECTORY: DirectoryNamespace };

/** A Directory whose objects do something else than what they are asked. */
function directoryThat(tell: () => Promise<never>): DirectoryNamespace {
  const namespace: DirectoryNamespace = {
    getByName: (name) => ({ ...DIRECTORY.getByName(name), tell }),
    jurisdiction: () => namespace,
  };
  return namespace;
}

/** Has the objects of users fail where the Directory tells them of some devices, and answers how often each was told. */
function deaf(isDeaf: (lost: Lost) => boolean) {
  const told: string[] = [];
  const { loseDevice } = AppInstanceUser.prototype;
  vi.spyOn(AppInstanceUser.prototype, "loseDevice").mockImplementation(function (this: AppInstanceUser, lost) {
    told.push(lost.device);
    if (isDeaf(lost)) {
      throw new Error("not now");
    }
    return loseDevice.call(this, lost);
  });
  return told;
}

/** Does something in an object while one kind of access to its storage fails, after so many that did not. */
function withoutAccess<Result>(
  object: AppInstanceUser | Directory,
  access: "get" | "put" | "delete" | "list",
  act: () => Result,
  spared = 0,
): Result {
  const { kv } = (object as unknown as { ctx: DurableObjectState }).ctx.storage;
  const prototype = Object.getPrototypeOf(kv) as SyncKvStorage;
  const work = prototype[access] as (...args: unknown[]) => unknown;
  let left = spared;
  const failing = vi.spyOn(prototype, access).mockImplementation(function (this: SyncKvStorage, ...args: unknown[]) {
    if (left-- > 0) {
      return work.apply(this, args);
    }
    throw new Error("disk I/O error");
  } as never);
  try {
    return act();
  } finally {
    failing.mockRestore();
  }
}

const UNREACHABLE = { status: 503, reason: "DIRECTORY_UNREACHABLE", retryAfter: "1" };

/** When the alarm of a device's shard comes, in milliseconds from now. */
async function alarmIn(app: AppInstance, phone: string) {
  const at = await runInDurableObject(app.shardOf(phone), (_, { storage }) => storage.getAlarm());
  return at === null ? undefined : at - Date.now();
}

describe("a call that the Directory does not hear of", () => {
  it.each([
    ["retryable", { retryable: true }, 3],
    ["overloaded", { overloaded: true, retryable: true }, 1],
    ["reset", { durableObjectReset: true }, 1],
  ])("is answered 503 with a time to wait, and its retry tells: %s", async (_, marks, attempts) => {
    const app = new AppInstance();
    await app.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    const tell = vi.fn(() => Promise.reject(runtimeError(marks)));
    Object.assign(app.service, { directory: directoryThat(tell) });
    expect(await app.register("bob", "phone", "of-bob")).toMatchObject({
      status: 503,
      reason: "DIRECTORY_UNREACHABLE",
      retryAfter: "1",
    });
    expect(tell).toHaveBeenCalledTimes(attempts);
    // Committed before it was told: both have it until the retry.
    expect(await app.holders("phone", BOTH)).toEqual(BOTH);

    Object.assign(app.service, { directory: DIRECTORY });
    expect(await app.register("bob", "phone", "of-bob")).toMatchObject({ status: 200 });
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
    expect(await app.endpointsOf("bob")).toHaveLength(1);
  });

  it("and that nobody repeats is healed by the app's next launch, which writes nothing", async () => {
    const app = new AppInstance();
    await app.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    Object.assign(app.service, { directory: directoryThat(() => Promise.reject(runtimeError({ overloaded: true }))) });
    await app.register("bob", "phone");
    Object.assign(app.service, { directory: DIRECTORY });
    vi.advanceTimersByTime(24 * 60 * 60 * 1_000);
    await app.register("bob", "phone", "of-the-next-day");
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
  });

  it("fails as a bug where the shard throws one", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    Object.assign(app.service, { directory: directoryThat(() => Promise.reject(new TypeError("a bug"))) });
    expect(await app.register("alice", "phone")).toMatchObject({ status: 500 });
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('"event":"bug"'));
  });
});

describe("a loser whose object does not answer", () => {
  it("is told again, after a second, then two, and so on, until it has answered", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await app.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    let isDeaf = true;
    const told = deaf(({ device }) => isDeaf && device === app.keyOf("phone"));
    for (const seconds of [1, 2, 4]) {
      await app.alarms("phone");
      expect(await alarmIn(app, "phone")).toBe(seconds * 1_000);
      vi.advanceTimersByTime(seconds * 1_000);
    }
    expect(await app.holders("phone", BOTH)).toEqual(BOTH);
    isDeaf = false;
    await app.alarms("phone");
    expect(told.filter((device) => device === app.keyOf("phone"))).toHaveLength(4);
    expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('"event":"loser_not_told"'));
    expect(JSON.stringify(logged.mock.calls)).not.toMatch(/arn:aws|alice|bob|phone/);
  });

  it("does not hold up another", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    // Until another phone is in the same shard.
    const shard = app.shardOf("phone").name;
    const other = Array.from({ length: 10_000 }, (_, n) => `phone-${n}`).find(
      (name) => app.shardOf(name).name === shard,
    );
    for (const [user, phone] of [
      ["alice", "phone"],
      ["carol", other ?? ""],
    ] as const) {
      await app.register(user, phone);
    }
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    deaf(({ device }) => device === app.keyOf("phone"));
    await app.alarms("phone");
    vi.advanceTimersByTime(100);
    await app.register("bob", other ?? "");
    expect(await alarmIn(app, "phone")).toBe(0);
    await app.alarms("phone");
    expect(await app.holders(other ?? "", ["bob", "carol"])).toEqual(["bob"]);
    expect(await app.holders("phone", BOTH)).toEqual(BOTH);
    // And is not forgotten over it.
    expect(await alarmIn(app, "phone")).toBe(900);
  });

  it("is not told any more once it has taken the device back", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await app.register("alice", "phone", "of-alice");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    deaf(({ device }) => device === app.keyOf("phone"));
    await app.alarms("phone");
    vi.restoreAllMocks();
    vi.spyOn(console, "log").mockImplementation(() => {});
    vi.advanceTimersByTime(100);
    await app.register("alice", "phone", "of-alice");
    vi.advanceTimersByTime(1_000);
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["alice"]);
  });
});

describe("a loser whose object never answers", () => {
  it("counts as one that failed after ten seconds, and keeps nobody else from being told", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const { setTimeout } = globalThis;
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((callback: () => void, ms?: number) =>
      setTimeout(callback, ms === LOSER_ANSWER_MAX_MS ? 1 : ms)) as typeof setTimeout);
    const app = new AppInstance();
    await app.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    vi.spyOn(AppInstanceUser.prototype, "loseDevice").mockImplementation(
      (() => new Promise(() => {})) as unknown as AppInstanceUser["loseDevice"],
    );
    await app.alarms("phone");
    expect(await alarmIn(app, "phone")).toBe(1_000);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining("no answer in time"));
  });
});

describe("a user whose devices lie in more shards than one request may call", () => {
  /** Calls of objects that a request on Cloudflare's free plan may make, without the one of the user's object. */
  const CALLS_MAX = 49;

  it("is erased, and the Directory forgets the rest at the purge; until then each try is answered 503", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    const byShard = new Map<string, string>();
    for (let n = 0; byShard.size < SHARDS.length; n++) {
      byShard.set(app.shardOf(`phone-${n}`).name ?? "", `phone-${n}`);
    }
    const phones = [...byShard.values()];
    for (const phone of phones) {
      await app.register("alice", phone);
    }
    const named = async () => {
      const holdings = await Promise.all(phones.map((phone) => app.holdingsOf(phone)));
      return holdings.flat().length;
    };
    for (let tries = 0; tries < 2; tries++) {
      let left = CALLS_MAX;
      const limited: DirectoryNamespace = {
        getByName: (name) => {
          const shard = DIRECTORY.getByName(name);
          const tell: typeof shard.tell = async (...told) => {
            if (left-- <= 0) {
              throw new Error("Too many subrequests by single Worker invocation.");
            }
            return shard.tell(...told);
          };
          return { ...shard, tell };
        },
        jurisdiction: () => limited,
      };
      Object.assign(app.service, { directory: limited });
      expect(await app.erase("alice")).toMatchObject(UNREACHABLE);
      expect(await app.endpointsOf("alice")).toEqual([]);
      expect(await named()).toBe(SHARDS.length - CALLS_MAX);
    }
    const user = userNamed(objectName(app.arnOf("alice")));
    for (const pause of [TOMBSTONE_LIFETIME_MS, PURGE_PAUSE_MS]) {
      vi.advanceTimersByTime(pause);
      await runDurableObjectAlarm(user);
    }
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
    expect(await named()).toBe(0);
  });
});

describe("a shard that can't read or write its storage", () => {
  /** Has an access to storage fail while a shard serves a call. */
  function failing(
    call: "tell" | "lookUp" | "list" | "forget",
    access: Parameters<typeof withoutAccess>[1],
    spared = 0,
  ): void {
    const serve = Directory.prototype[call] as (...args: unknown[]) => unknown;
    vi.spyOn(Directory.prototype, call).mockImplementation(function (this: Directory, ...args: unknown[]) {
      return withoutAccess(this, access, () => serve.apply(this, args), spared);
    } as never);
  }

  /** What is answered once the storage works again. */
  function mended(): void {
    vi.restoreAllMocks();
    vi.spyOn(console, "log").mockImplementation(() => {});
  }

  it.each([
    ["get", 0],
    ["put", 0],
    // The new holder is written, and the former one's loss is not.
    ["put", 1],
    ["put", 2],
    ["delete", 0],
    ["list", 0],
  ] as const)(
    "has a call that names a device answered 503, and its retry completes it: %s after %d",
    async (access, spared) => {
      const logged = vi.spyOn(console, "error").mockImplementation(() => {});
      const app = new AppInstance();
      await app.register("alice", "phone");
      vi.advanceTimersByTime(1_000);
      failing("tell", access, spared);
      expect(await app.register("bob", "phone", "of-bob")).toMatchObject(UNREACHABLE);
      expect(logged).toHaveBeenCalledWith(expect.stringContaining('"event":"storage_failed","rpc":"tell"'));
      mended();
      // All or nothing.
      expect(await app.holdingsOf("phone")).toMatchObject([{ userArn: app.arnOf("alice") }]);
      expect(await app.register("bob", "phone", "of-bob")).toMatchObject({ status: 200 });
      await app.alarms("phone");
      expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
    },
  );

  it("has what only asks answered 503", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    const device = { type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM", resourceArn: RESOURCE_ARN, deviceToken: "phone" };
    failing("lookUp", "list");
    failing("list", "list");
    const { arn: appInstanceArn } = app;
    expect(await app.call("LookupAppInstanceUserEndpoints", { appInstanceArn, ...device })).toMatchObject(UNREACHABLE);
    expect(await app.call("ListEndpointsByAppInstance", { appInstanceArn })).toMatchObject(UNREACHABLE);
  });

  it("has a newer release's rows answered 503", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await runInDurableObject(app.shardOf("phone"), (_, { storage }) =>
      storage.kv.put(`device/${app.keyOf("phone")}/${sha256(app.arnOf("alice"))}`, { version: 2 }),
    );
    expect(await app.register("alice", "phone")).toMatchObject(UNREACHABLE);
    expect(await app.register("bob", "phone")).toMatchObject(UNREACHABLE);
  });

  it("has a purge come again", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    const { body } = await app.register("alice", "phone");
    await app.deregister("alice", body.endpointId);
    vi.advanceTimersByTime(TOMBSTONE_LIFETIME_MS);
    const user = userNamed(objectName(app.arnOf("alice")));
    failing("forget", "get");
    await runDurableObjectAlarm(user);
    const { rows, alarm } = await stored(user);
    expect(rows).toHaveLength(1);
    expect(alarm).toBe(Date.now() + PURGE_PAUSE_MS);
    mended();
    vi.advanceTimersByTime(PURGE_PAUSE_MS);
    await runDurableObjectAlarm(user);
    expect(await stored(user)).toEqual({ rows: [], alarm: null });
  });

  it("comes to its alarm again", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await app.register("alice", "phone");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    const shard = app.shardOf("phone");
    await runInDurableObject(shard, (directory) => withoutAccess(directory, "list", () => directory.alarm()));
    expect(await alarmIn(app, "phone")).toBe(ALARM_PAUSE_MS);
    expect(logged).toHaveBeenCalledWith(expect.stringContaining('"event":"directory_alarm_failed"'));
    vi.advanceTimersByTime(ALARM_PAUSE_MS);
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["bob"]);
  });
});

describe("a user's object that can't read its storage", () => {
  it("has a look-up that asks it answered 503", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await app.register("alice", "phone");
    const { holds } = AppInstanceUser.prototype;
    vi.spyOn(AppInstanceUser.prototype, "holds").mockImplementation(function (this: AppInstanceUser, asked) {
      return withoutAccess(this, "get", () => holds.call(this, asked));
    });
    const device = { type: "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM", resourceArn: RESOURCE_ARN, deviceToken: "phone" };
    const asked = { appInstanceArn: app.arn, ...device };
    expect(await app.call("LookupAppInstanceUserEndpoints", asked)).toMatchObject(UNREACHABLE);
  });

  it.each(["get", "put"] as const)("has a call that does not hold its device answered 503: %s", async (access) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await app.register("alice", "phone", "of-alice");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    vi.advanceTimersByTime(1_000);
    const { writeNotHeld } = AppInstanceUser.prototype;
    vi.spyOn(AppInstanceUser.prototype, "writeNotHeld").mockImplementation(function (this: AppInstanceUser, notHeld) {
      return withoutAccess(this, access, () => writeNotHeld.call(this, notHeld));
    });
    expect(await app.register("alice", "phone", "of-alice")).toMatchObject({ status: 503, reason: "STORAGE_FAILED" });
    vi.restoreAllMocks();
    vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await app.register("alice", "phone", "of-alice")).toMatchObject({ status: 200 });
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["alice"]);
  });
});
