/** A token that is no device's, such as "undefined", which a bug in an app registers for everybody: what one shard reads of it. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { LOSERS_AT_ONCE, PAGE_HOLDINGS_MAX } from "../../../src/worker/model/limits.ts";
import type { Tell } from "../../../src/worker/model/tells.ts";
import { sha256 } from "../../../src/worker/objects/device-key.ts";
import { dropDue, dueLosers } from "../../../src/worker/storage/holdings.ts";
import { AppInstance, become, whereDevicesAre } from "../../support/devices.ts";
import { write } from "../../support/holdings.ts";

whereDevicesAre();

const TOKEN = "undefined";

interface Crowd {
  readonly holders?: number;
  /** Who have lost it, and have been told. */
  readonly told?: number;
  /** Who have yet to be. */
  readonly untold?: number;
}

/** An app instance in which many users have, or had, one device. */
async function crowd({ holders = 0, told = 0, untold = 0 }: Crowd): Promise<AppInstance> {
  const app = new AppInstance();
  const device = app.keyOf(TOKEN);
  await runInDurableObject(app.shardOf(TOKEN), (_, { storage }) => {
    const put = (kind: string, count: number, isLost: boolean) => {
      for (let n = 0; n < count; n++) {
        const userArn = app.arnOf(`${kind}-${n}`);
        const named = { device, user: sha256(userArn), userArn, endpointId: "e", at: Date.now() - 1_000 };
        write(storage.kv, { ...named, ...(isLost && { isLost }) }, Date.now());
      }
    };
    storage.transactionSync(() => {
      put("told", told, true);
      for (const due of dueLosers(storage.kv, Date.now())) {
        dropDue(storage.kv, due);
      }
      put("untold", untold, true);
      put("holder", holders, false);
    });
  });
  return app;
}

/** How many rows the shard reads while something happens: those that are asked for, there or not. */
async function rowsRead(app: AppInstance, happens: () => unknown): Promise<number> {
  let read = 0;
  let restore = () => {};
  await runInDurableObject(app.shardOf(TOKEN), (_, { storage }) => {
    const prototype = Object.getPrototypeOf(storage.kv) as SyncKvStorage;
    const { get, list } = prototype;
    const spies = [vi.spyOn(prototype, "get"), vi.spyOn(prototype, "list")] as const;
    restore = () => {
      for (const spy of spies) {
        spy.mockRestore();
      }
    };
    spies[0].mockImplementation(function (this: SyncKvStorage, key: string) {
      read++;
      return get.call(this, key);
    } as SyncKvStorage["get"]);
    spies[1].mockImplementation(function* (this: SyncKvStorage, options?: SyncKvListOptions) {
      for (const entry of list.call(this, options)) {
        read++;
        yield entry as [string, unknown];
      }
    } as SyncKvStorage["list"]);
  });
  try {
    await happens();
  } finally {
    restore();
  }
  return read;
}

function tellOf(app: AppInstance, kind: Tell["kind"] = "hold"): Tell {
  return { kind, device: app.keyOf(TOKEN), endpointId: "e", at: Date.now() };
}

const FEW = 6;

describe("what is read of a device that very many have lost", () => {
  it.each([0, 2_000, 20_000])("%d of them: a few rows by a hold, a launch and a release", async (told) => {
    const app = await crowd({ told });
    const shard = app.shardOf(TOKEN);
    const tell = (user: string, kind?: Tell["kind"]) => () => shard.tell(app.arnOf(user), [tellOf(app, kind)]);
    expect(await rowsRead(app, tell("alice"))).toBeLessThanOrEqual(FEW);
    expect(await rowsRead(app, tell("alice"))).toBeLessThanOrEqual(FEW);
    vi.advanceTimersByTime(1);
    expect(await rowsRead(app, tell("bob"))).toBeLessThanOrEqual(FEW);
    expect(await rowsRead(app, () => shard.lookUp(app.keyOf(TOKEN)))).toBe(1);
    expect(await rowsRead(app, () => shard.list(app.keyOf(TOKEN).split("/")[0] ?? "", "", 1_000))).toBe(1);
    expect(await rowsRead(app, tell("bob", "release"))).toBeLessThanOrEqual(FEW);
    const forget = () => shard.forget([{ ...tellOf(app, "release"), user: sha256(app.arnOf("alice")) }]);
    expect(await rowsRead(app, forget)).toBeLessThanOrEqual(FEW);
    expect(await shard.lookUp(app.keyOf(TOKEN))).toEqual([]);
  });

  it("and have yet to be told: as few, and the alarm reads no more than it tells", async () => {
    const app = await crowd({ untold: 2_000 });
    const shard = app.shardOf(TOKEN);
    expect(await rowsRead(app, () => shard.tell(app.arnOf("alice"), [tellOf(app)]))).toBeLessThanOrEqual(FEW);
    const alarm = () => runInDurableObject(shard, (directory) => directory.alarm());
    expect(await rowsRead(app, alarm)).toBeLessThanOrEqual(4 * LOSERS_AT_ONCE + FEW);
  });
});

describe("what is read of a device that very many share", () => {
  it("is the user's own row by a hold and a release, and a page by a look-up", async () => {
    await become({ DEVICES: "share" });
    const app = await crowd({ holders: 2_000 });
    const shard = app.shardOf(TOKEN);
    expect(await rowsRead(app, () => shard.tell(app.arnOf("alice"), [tellOf(app)]))).toBeLessThanOrEqual(FEW);
    expect(await rowsRead(app, () => shard.tell(app.arnOf("alice"), [tellOf(app, "release")]))).toBeLessThanOrEqual(
      FEW,
    );
    expect(await rowsRead(app, () => shard.lookUp(app.keyOf(TOKEN)))).toBe(PAGE_HOLDINGS_MAX);
  });

  it("is all of it once devices move: by the first who names it, and by no launch that says nothing new", async () => {
    const app = await crowd({ holders: 2_000 });
    const shard = app.shardOf(TOKEN);
    const launch = () => shard.tell(app.arnOf("holder-0"), [{ ...tellOf(app), at: Date.now() - 1_000 }]);
    expect(await rowsRead(app, launch)).toBeLessThanOrEqual(FEW);
    expect(await shard.tell(app.arnOf("alice"), [tellOf(app)])).toEqual([{ moved: true }]);
    expect(await shard.lookUp(app.keyOf(TOKEN))).toMatchObject([{ userArn: app.arnOf("alice") }]);
    vi.advanceTimersByTime(1);
    expect(await rowsRead(app, () => shard.tell(app.arnOf("bob"), [tellOf(app)]))).toBeLessThanOrEqual(FEW);
  });
});
