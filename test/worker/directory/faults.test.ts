/** The Directory is not reached, users' objects do not answer its alarm, and calls end before it has heard of them. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import type { DirectoryNamespace } from "../../../src/worker/model/directory-calls.ts";
import type { Lost } from "../../../src/worker/model/user-rpcs.ts";
import { AppInstance, whereDevicesAre } from "../../support/devices.ts";
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

describe("a user's object that can't read its storage", () => {
  it.each(["get", "put"] as const)("has a call that does not hold its device answered 503: %s", async (access) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const app = new AppInstance();
    await app.register("alice", "phone", "of-alice");
    vi.advanceTimersByTime(1_000);
    await app.register("bob", "phone");
    vi.advanceTimersByTime(1_000);
    const { writeNotHeld } = AppInstanceUser.prototype;
    vi.spyOn(AppInstanceUser.prototype, "writeNotHeld").mockImplementation(function (this: AppInstanceUser, notHeld) {
      const { kv } = (this as unknown as { ctx: DurableObjectState }).ctx.storage;
      const failing = vi.spyOn(Object.getPrototypeOf(kv) as SyncKvStorage, access).mockImplementation(() => {
        throw new Error("disk I/O error");
      });
      try {
        return writeNotHeld.call(this, notHeld);
      } finally {
        failing.mockRestore();
      }
    });
    expect(await app.register("alice", "phone", "of-alice")).toMatchObject({ status: 503, reason: "STORAGE_FAILED" });
    vi.restoreAllMocks();
    vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await app.register("alice", "phone", "of-alice")).toMatchObject({ status: 200 });
    await app.alarms("phone");
    expect(await app.holders("phone", BOTH)).toEqual(["alice"]);
  });
});
