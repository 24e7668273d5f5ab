/** Backups are made while the register is served and changed, and served in its place. */
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { runCopy } from "../../src/serve/backup/run.ts";
import { readCopySettings } from "../../src/serve/backup/settings.ts";
import {
  about,
  backUp,
  describedBy,
  type Endpoint,
  fresh,
  register,
  restore,
  served,
  stopped,
  VARIABLES,
} from "../support/backups.ts";
import { runAndEnd } from "../support/command.ts";
import { eventsIn, SECRET } from "../support/receiver.ts";
import { receiver } from "../support/receiving.ts";
import { send } from "../support/wire.ts";

/** One user whose two endpoints are named with one number after the other, without end. */
class Renamed {
  readonly #url: string;
  readonly pair: readonly [Endpoint, Endpoint];
  /** What both are named at least, as was answered. */
  answered = 0;

  constructor(url: string, pair: readonly [Endpoint, Endpoint]) {
    this.#url = url;
    this.pair = pair;
  }

  async go(until: () => boolean): Promise<void> {
    for (let n = 1; !until(); n++) {
      for (const endpoint of this.pair) {
        const { status } = await send(this.#url, about(endpoint, "PUT", { Name: String(n).padStart(1_000, "0") }));
        expect(status).toBe(200);
      }
      this.answered = n;
    }
  }
}

it("under load, a backup has all that was answered before it, and each user as they were at one moment", {
  timeout: 180_000,
}, async () => {
  const data = fresh();
  const { url } = await served(data);
  const asleep = await Promise.all(Array.from({ length: 10 }, (_, n) => register(url, `asleep-${n}`)));
  const renamed = await Promise.all(
    Array.from({ length: 2 }, async (_, n) => {
      const first = await register(url, `first-${n}`, undefined, "0");
      return new Renamed(url, [first, await register(url, `second-${n}`, first.arn, "0")]);
    }),
  );
  let isOver = false;
  const arriving: Endpoint[] = [];
  const load = [
    ...renamed.map((each) => each.go(() => isOver)),
    (async () => {
      while (!isOver) {
        arriving.push(await register(url, `arriving-${arriving.length}`));
        await wait(50);
      }
    })(),
  ];
  await expect.poll(() => renamed.every(({ answered }) => answered > 20)).toBe(true);

  for (let n = 0; n < 2; n++) {
    const before = { arrived: [...arriving], named: renamed.map(({ answered }) => answered) };
    const [backup, restored] = [fresh(), fresh()];
    expect(await backUp(data, backup)).toMatchObject({ code: 0, stderr: "" });
    expect(await restore(restored, backup)).toMatchObject({ code: 0, stderr: "" });
    const copy = await served(restored);
    for (const endpoint of [...asleep, ...before.arrived]) {
      expect(await describedBy(copy.url, endpoint)).toEqual(await describedBy(url, endpoint));
    }
    for (const [m, { pair }] of renamed.entries()) {
      const [first, second] = await Promise.all(
        pair.map(async (each) => Number((await describedBy(copy.url, each)).Name)),
      );
      expect(second).toBeGreaterThanOrEqual(before.named[m] ?? expect.fail());
      expect([second, Number(second) + 1]).toContain(first);
    }
    await stopped(copy);
  }
  isOver = true;
  await Promise.all(load);
});

it("a backup that was killed is taken for a backup by nothing, and hinders none", async () => {
  const data = fresh();
  const workerd = await served(data);
  await Promise.all(Array.from({ length: 30 }, (_, n) => register(workerd.url, `device-${n}`)));
  for (const copies of [0, 1, 10, 25]) {
    const backup = fresh();
    const copied = () => globSync("unfinished/*/*.sqlite", { cwd: backup }).length;
    const isTime = () => existsSync(join(backup, "unfinished")) && copied() >= copies;
    expect((await runAndEnd(["scripts/serve.ts", "--data", data, "--backup", backup], isTime)).code).toBe(null);
    expect(readdirSync(backup)).toEqual(["unfinished"]);
    const words = expect.stringContaining("is no whole backup");
    expect(await restore(fresh(), backup)).toMatchObject({ code: 1, stderr: words });
    await expect(served(backup)).rejects.toThrow("a copy of a register that has not come to its end");
    expect(await backUp(data, backup)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not come to its end"),
    });
  }
  expect((await backUp(data, fresh())).code).toBe(0);
});

it("no backup is made among the databases of the register, and none where it would be in a server's way", async () => {
  const data = fresh();
  await stopped(await served(data));
  const link = fresh();
  symlinkSync(join(data, "objects"), link);
  const before = readdirSync(data, { recursive: true });
  const copyTo = (backup: string) => runCopy({ kind: "backup", data, backup });
  for (const target of ["objects", "objects/backup", "objects/rollcall-app-instance-user/x/y", "unfinished/x"]) {
    await expect(copyTo(join(data, target))).rejects.toThrow("among what is copied: name a folder outside of it");
  }
  await expect(copyTo(join(link, "backup"))).rejects.toThrow("among what is copied");
  expect(readdirSync(data, { recursive: true })).toEqual(before);

  const elsewhere = fresh();
  mkdirSync(elsewhere);
  symlinkSync(join(data, "objects"), join(elsewhere, "objects"));
  const onAnotherDisk = runCopy({ kind: "backup", data: elsewhere, backup: join(data, "objects/backup") });
  await expect(onAnotherDisk).rejects.toThrow("among what is copied");

  // As from a container that may write to nothing else.
  await copyTo(join(data, "backups/today"));
  await stopped(await served(data));
});

it("users are copied whose databases are on another disk, where a link leads to", async () => {
  const data = fresh();
  const workerd = await served(data);
  const endpoint = await register(workerd.url, "device");
  const before = await describedBy(workerd.url, endpoint);
  await stopped(workerd);
  const users = join(data, "objects/rollcall-app-instance-user");
  const elsewhere = fresh();
  renameSync(users, elsewhere);
  symlinkSync(elsewhere, users);
  const again = await served(data);
  expect(await describedBy(again.url, endpoint)).toEqual(before);
  expect(await backUp(data, fresh())).toMatchObject({ code: 0, stdout: expect.stringContaining("with 1 user.") });
});

it("what a disk refuses is told in a line", async () => {
  const data = fresh();
  mkdirSync(join(data, "objects/rollcall-app-instance-user/folder.sqlite"), { recursive: true });
  const { code, stderr } = await backUp(data, fresh());
  expect([code, stderr.trim().split("\n")]).toEqual([1, [expect.stringContaining("EISDIR")]]);
});

it("a restore that was killed, or whose backup is damaged or lacks something, is not served", async () => {
  const data = fresh();
  const workerd = await served(data);
  await Promise.all(Array.from({ length: 30 }, (_, n) => register(workerd.url, `device-${n}`)));
  await stopped(workerd);
  const backup = fresh();
  expect((await backUp(data, backup)).code).toBe(0);
  const killed = fresh();
  const isTime = () => globSync("unfinished/*/*.sqlite", { cwd: killed }).length > 3;
  await runAndEnd(["scripts/serve.ts", "--data", killed, "--restore", backup], isTime);
  await expect(served(killed)).rejects.toThrow("a copy of a register that has not come to its end");

  const [user = ""] = globSync("objects/rollcall-app-instance-user/?????*.sqlite", { cwd: backup }).filter(
    (file) => !file.includes("metadata"),
  );
  const bytes = readFileSync(join(backup, user));
  writeFileSync(join(backup, user), Buffer.concat([bytes.subarray(0, 4_096), bytes.subarray(4_096).fill(7)]));
  const damaged = fresh();
  expect(await restore(damaged, backup)).toMatchObject({ code: 1, stderr: expect.stringContaining(`${user} `) });
  await expect(served(damaged)).rejects.toThrow("a copy of a register that has not come to its end");

  rmSync(join(backup, user));
  const lacking = fresh();
  const words = expect.stringMatching(
    /is not whole: of 30 databases in objects\/rollcall-app-instance-user, 29 are there/,
  );
  expect(await restore(lacking, backup)).toMatchObject({ code: 1, stderr: words });
  await expect(served(lacking)).rejects.toThrow("a copy of a register that has not come to its end");
  expect(await restore(data, backup)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is a register in"),
  });
});

it("after a kill of the server, a backup has what was answered", async () => {
  const data = fresh();
  const workerd = await served(data);
  const endpoints = await Promise.all(Array.from({ length: 10 }, (_, n) => register(workerd.url, `device-${n}`)));
  await stopped(workerd, "SIGKILL");
  const backup = fresh();
  expect((await backUp(data, backup)).code).toBe(0);
  // A backup is a folder with data like any other.
  const { url } = await served(backup);
  for (const endpoint of endpoints) {
    expect(await describedBy(url, endpoint)).toMatchObject({ EndpointId: endpoint.id });
  }
});

it("a device token that was deregistered is in no backup, though the served file still has it", async () => {
  const data = fresh();
  const workerd = await served(data);
  const kept = await register(workerd.url, "token-that-stays");
  const gone = await register(workerd.url, "token-that-goes", kept.arn);
  expect((await send(workerd.url, about(gone, "DELETE"))).status).toBe(204);
  const backup = fresh();
  expect((await backUp(data, backup)).code).toBe(0);
  expect(filesWith(data, "token-that-goes")).toBeGreaterThan(0);
  expect(filesWith(backup, "token-that-stays")).toBe(1);
  expect(filesWith(backup, "token-that-goes")).toBe(0);
});

function filesWith(data: string, text: string): number {
  const files = globSync("**/*.sqlite*", { cwd: data });
  return files.filter((file) => readFileSync(join(data, file)).includes(text)).length;
}

it("each object is woken as the copy of it says, whatever the list of alarms had", async () => {
  const data = fresh();
  const workerd = await served(data);
  const endpoint = await register(workerd.url, "device");
  expect((await send(workerd.url, about(endpoint, "DELETE"))).status).toBe(204);
  await stopped(workerd);
  const list = "objects/rollcall-app-instance-user/metadata.sqlite";
  const was = alarmsIn(join(data, list));
  expect(was).toHaveLength(1);
  const database = new DatabaseSync(join(data, list));
  database.exec("UPDATE _cf_ALARM SET scheduled_time = 0; INSERT INTO _cf_ALARM VALUES ('nobody', 1, NULL)");
  database.close();
  const backup = fresh();
  expect((await backUp(data, backup)).code).toBe(0);
  expect(alarmsIn(join(backup, list))).toEqual(was);

  // Without the list nobody would wake it.
  rmSync(join(backup, list));
  const restored = await restore(fresh(), backup);
  expect(restored.code).toBe(1);
  expect(restored.stderr).toContain("by which 1 objects are woken, is missing or empty");
});

function alarmsIn(list: string): unknown[] {
  const database = new DatabaseSync(list, { readBigInts: true });
  const rows = database.prepare("SELECT * FROM _cf_ALARM").all();
  database.close();
  return rows;
}

it("events that waited are sent by what was restored", async () => {
  const data = fresh();
  const receiving = await receiver();
  receiving.behaviour = 503;
  const variables = { ...VARIABLES, EVENTS_URL: receiving.url, EVENTS_SECRETS: JSON.stringify([SECRET]) };
  const workerd = await served(data, variables);
  const endpoint = await register(workerd.url, "device");
  await expect.poll(() => receiving.received.length).toBeGreaterThan(0);
  await stopped(workerd);
  const [backup, restored] = [fresh(), fresh()];
  expect((await backUp(data, backup)).code).toBe(0);
  expect((await restore(restored, backup)).code).toBe(0);
  const before = receiving.received.length;
  receiving.behaviour = 204;
  await served(restored, variables);
  await expect.poll(() => receiving.received.length, { timeout: 30_000 }).toBeGreaterThan(before);
  await receiving.close();
  const [first, last] = [receiving.received[0], receiving.received.at(-1)].map((batch) =>
    eventsIn(batch ?? expect.fail()),
  );
  expect(last).toEqual(first);
  expect(last?.map(({ data }) => data?.EndpointId)).toEqual([endpoint.id]);
});

it("the Directory is copied before the users, so that a device that moved meanwhile is lost at the next launch", async () => {
  const data = fresh();
  const workerd = await served(data);
  const { url } = workerd;
  const alice = await register(url, "shared-phone");
  await stopped(workerd);
  const [older, newer, mixed] = [fresh(), fresh(), fresh()];
  expect((await backUp(data, older)).code).toBe(0);
  expect(lastOf(older, "rollcall-directory")).toBeLessThanOrEqual(firstOf(older, "rollcall-app-instance-user"));

  const again = await served(data);
  const bob = await register(again.url, "shared-phone");
  await expect.poll(async () => (await describedBy(again.url, alice)).EndpointState.Status).toBe("INACTIVE");
  await stopped(again);
  expect((await backUp(data, newer)).code).toBe(0);
  // As if Bob had come after the copy of Alice and before that of Bob.
  cpSync(newer, mixed, { recursive: true });
  cpSync(older, mixed, { recursive: true, force: true });
  const copy = await served(mixed);
  const statusOf = async (endpoint: Endpoint) => (await describedBy(copy.url, endpoint)).EndpointState.Status;
  expect([await statusOf(alice), await statusOf(bob)]).toEqual(["ACTIVE", "ACTIVE"]);
  await register(copy.url, "shared-phone", bob.arn);
  await expect.poll(() => statusOf(alice)).toBe("INACTIVE");
  expect(await statusOf(bob)).toBe("ACTIVE");
});

it("counts as a backup only once it is on the disk", async () => {
  const [data, backup, programs] = [fresh(), fresh(), fresh()];
  await stopped(await served(data));
  mkdirSync(programs);
  writeFileSync(join(programs, "sync"), "#!/bin/sh\nexit 1\n", { mode: 0o700 });
  vi.stubEnv("PATH", programs);
  try {
    await expect(runCopy({ kind: "backup", data, backup })).rejects.toThrow("sync");
  } finally {
    vi.unstubAllEnvs();
  }
  await expect(served(backup)).rejects.toThrow("a copy of a register that has not come to its end");
});

it("leaves nothing in the way where Node has no SQLite to copy with", async () => {
  const [data, backup] = [fresh(), fresh()];
  await stopped(await served(data));
  const ofNode = vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
  try {
    await expect(runCopy({ kind: "backup", data, backup })).rejects.toThrow("since 22.13");
  } finally {
    ofNode.mockRestore();
  }
  expect(existsSync(backup)).toBe(false);
  expect((await backUp(data, backup)).code).toBe(0);
});

it.each([
  ["--data", "", "--backup", "backups"],
  ["--data", "register", "--backup", ""],
  ["--data", "register", "--restore", ""],
])("takes no empty name for the folder that it is run in: %s '%s' %s '%s'", (...args) => {
  expect(() => readCopySettings(args)).toThrow("must name a folder");
});

function timesOf(backup: string, name: string): number[] {
  const files = globSync(`objects/${name}/*.sqlite`, { cwd: backup });
  return files.map((file) => statSync(join(backup, file)).mtimeMs);
}
const lastOf = (backup: string, name: string) => Math.max(...timesOf(backup, name));
const firstOf = (backup: string, name: string) => Math.min(...timesOf(backup, name));
