/** Calls and answers to the alarm that others overtake on their way, and calls that nobody waits for any more. */
import { env, exports } from "cloudflare:workers";
import { beforeEach, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import worker from "../../../src/worker/index.ts";
import type { DirectoryNamespace, DirectoryObject } from "../../../src/worker/model/directory-calls.ts";
import type { Lost } from "../../../src/worker/model/user-rpcs.ts";
import { AppInstance, whereDevicesAre } from "../../support/devices.ts";
import { runtimeError } from "../../support/users.ts";

whereDevicesAre();
beforeEach(() => {
  // Calls that fail here, and losers who wait, are told to operators.
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const ALL = ["alice", "bob", "carol"];
const { DIRECTORY } = env as unknown as { DIRECTORY: DirectoryNamespace };
const { default: itself } = exports as unknown as { default: Fetcher };

/** The Directory, with something else in the place of how it is told. */
function directoryThat(tell: (shard: DirectoryObject, ...told: Parameters<DirectoryObject["tell"]>) => unknown) {
  const namespace = {
    getByName: (name: string) => {
      const shard = DIRECTORY.getByName(name);
      return { tell: (...told: Parameters<DirectoryObject["tell"]>) => tell(shard, ...told) };
    },
    jurisdiction: () => namespace,
  };
  return namespace;
}

/** Something that happens when the first loser has been told, and before the shard hears of that. */
function beforeTheAnswer(happens: () => Promise<unknown>) {
  const { loseDevice } = AppInstanceUser.prototype;
  let isFirst = true;
  return vi.spyOn(AppInstanceUser.prototype, "loseDevice").mockImplementation(async function (
    this: AppInstanceUser,
    lost: Lost,
  ) {
    const answer = loseDevice.call(this, lost);
    if (isFirst) {
      isFirst = false;
      await happens();
    }
    return answer;
  } as unknown as AppInstanceUser["loseDevice"]);
}

async function register(app: AppInstance, user: string): Promise<void> {
  vi.advanceTimersByTime(1_000);
  expect(await app.register(user, "phone")).toMatchObject({ status: 200 });
}

async function expectHolder(app: AppInstance, holder: string): Promise<void> {
  vi.advanceTimersByTime(1_000);
  await app.alarms("phone");
  expect(await app.holders("phone", ALL)).toEqual([holder]);
  expect(await app.lookUp("phone")).toEqual([holder]);
}

it("a loser who took the device back, and lost it again before the first loss was answered, is told of the second", async () => {
  const app = new AppInstance();
  await register(app, "alice");
  await register(app, "bob");
  beforeTheAnswer(async () => {
    await register(app, "alice");
    await register(app, "carol");
  });
  await expectHolder(app, "carol");
});

it("and so is one who lost it both times in one millisecond", async () => {
  const app = new AppInstance();
  await register(app, "alice");
  await register(app, "bob");
  beforeTheAnswer(async () => {
    await app.register("alice", "phone");
    // Each of a user's tokens is named after the others: the third counts as later than Alice's.
    for (const device of ["watch", "tablet", "phone"]) {
      await app.register("carol", device);
    }
  });
  await app.alarms("phone");
  expect(await app.holders("phone", ALL)).toEqual(["carol"]);
});

it("and one who came back in that millisecond with another endpoint", async () => {
  const app = new AppInstance();
  const { body } = await app.register("alice", "phone");
  await app.register("bob", "phone");
  const breakingOff = directoryThat(async (shard, ...told) => {
    await shard.tell(...told);
    throw runtimeError({ overloaded: true });
  });
  beforeTheAnswer(async () => {
    expect(await app.deregister("alice", body.endpointId)).toMatchObject({ status: 200 });
    Object.assign(app.service, { directory: breakingOff });
    expect(await app.register("alice", "phone")).toMatchObject({ status: 503 });
    Object.assign(app.service, { directory: DIRECTORY });
  });
  await app.alarms("phone");
  expect(await app.holders("phone", ALL)).toEqual(["bob"]);
});

it("a second loss is told once, though the telling of the first failed after it", async () => {
  const app = new AppInstance();
  await register(app, "alice");
  await register(app, "bob");
  const told = beforeTheAnswer(async () => {
    await register(app, "alice");
    await register(app, "carol");
    throw new Error("not now");
  });
  await expectHolder(app, "carol");
  vi.advanceTimersByTime(60_000);
  await app.alarms("phone");
  // Alice of both losses, and Bob of his.
  expect(told).toHaveBeenCalledTimes(3);
});

it("a loser who had named the device since has it only if nobody has named it later", async () => {
  const app = new AppInstance();
  await register(app, "alice");
  await register(app, "bob");
  vi.advanceTimersByTime(8 * 24 * 60 * 60 * 1_000);
  const unreached = directoryThat(() => Promise.reject(runtimeError({ overloaded: true })));
  Object.assign(app.service, { directory: unreached });
  expect(await app.register("alice", "phone")).toMatchObject({ status: 503 });
  Object.assign(app.service, { directory: DIRECTORY });
  beforeTheAnswer(() => register(app, "carol"));
  await expectHolder(app, "carol");
});

it("and has it where nobody has", async () => {
  const app = new AppInstance();
  await register(app, "alice");
  await register(app, "bob");
  vi.advanceTimersByTime(8 * 24 * 60 * 60 * 1_000);
  const unreached = directoryThat(() => Promise.reject(runtimeError({ overloaded: true })));
  Object.assign(app.service, { directory: unreached });
  expect(await app.register("alice", "phone")).toMatchObject({ status: 503 });
  Object.assign(app.service, { directory: DIRECTORY });
  await expectHolder(app, "alice");
});

it("a call that the Directory hears of late does not take the device from whoever came since", async () => {
  const [app, others] = [new AppInstance(), new AppInstance()];
  Object.assign(others, { arn: app.arn });
  await register(app, "alice");
  let isFirst = true;
  const late = directoryThat(async (shard, ...told) => {
    if (isFirst) {
      isFirst = false;
      await register(others, "bob");
    }
    return shard.tell(...told);
  });
  Object.assign(app.service, { directory: late });
  vi.advanceTimersByTime(1_000);
  expect(await app.register("alice", "phone", "of-a-launch")).toMatchObject({ status: 200 });
  Object.assign(app.service, { directory: DIRECTORY });
  await expectHolder(app, "bob");
});

it("a call whose caller hangs up before the Directory has heard of it is told all the same", async () => {
  const app = new AppInstance();
  await register(app, "alice");
  let isOnItsWay = false;
  const late = directoryThat(async (shard, ...told) => {
    isOnItsWay = true;
    // Longer than the runtime takes to end a call that nobody waits for.
    await scheduler.wait(200);
    return shard.tell(...told);
  });
  Object.assign(app.service, { directory: late });
  vi.spyOn(worker, "fetch").mockImplementation(async () => Response.json(await app.register("bob", "phone")));
  vi.advanceTimersByTime(1_000);
  const caller = new AbortController();
  const called = expect(itself.fetch("http://localhost", caller)).rejects.toThrow("aborted");
  await expect.poll(() => isOnItsWay).toBe(true);
  caller.abort();
  await called;
  Object.assign(app.service, { directory: DIRECTORY });
  await expect.poll(() => app.lookUp("phone")).toEqual(["bob"]);
  await expectHolder(app, "bob");
});
