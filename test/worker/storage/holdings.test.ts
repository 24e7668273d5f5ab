import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Holding } from "../../../src/worker/model/holding.ts";
import { NewerRowError } from "../../../src/worker/storage/access.ts";
import {
  type Due,
  dropDue,
  dropHolding,
  dueLosers,
  holdersOf,
  holdingOf,
  listHoldings,
  lostAt,
  putOff,
  waitingLosers,
} from "../../../src/worker/storage/holdings.ts";
import { write } from "../../support/holdings.ts";
import { NOW } from "../../support/rows.ts";
import { freshUser } from "../../support/user-object.ts";

function holding(device: string, user: string, more: Partial<Holding> = {}): Holding {
  return { device, user, userArn: `arn of ${user}`, endpointId: "1", at: NOW, ...more };
}

/** Any object's storage will do. */
function withStorage(test: (kv: SyncKvStorage) => void) {
  return () => runInDurableObject(freshUser(), (_, { storage }) => test(storage.kv));
}

function keysIn(kv: SyncKvStorage): string[] {
  return Array.from(kv.list(), ([key]) => key);
}

const LOST_NO_MORE = holding("i/d", "u");
const LOST: Holding = { ...LOST_NO_MORE, isLost: true };

describe("the rows of a shard", () => {
  it(
    "are found by app instance, device and user, and hold what was put, under a version",
    withStorage((kv) => {
      write(kv, holding("i/d", "u"), NOW);
      expect(Array.from(kv.list())).toEqual([
        ["device/i/d/u", { version: 1, userArn: "arn of u", endpointId: "1", at: NOW }],
      ]);
      expect(holdingOf(kv, { device: "i/d", user: "u" })).toEqual(holding("i/d", "u"));
      expect(holdingOf(kv, { device: "i/d", user: "v" })).toBeUndefined();
    }),
  );

  it(
    "are one for a user and a device, whether it is theirs or lost",
    withStorage((kv) => {
      write(kv, holding("i/d", "u"), NOW);
      write(kv, { ...LOST, claimedAt: 7 }, NOW);
      expect(holdingOf(kv, LOST)).toEqual({ ...LOST, claimedAt: 7 });
      expect(lostAt(kv, "i/d/u")).toEqual({ ...LOST, claimedAt: 7 });
      expect(holdersOf(kv, "i/d")).toEqual([]);
      write(kv, holding("i/d", "u", { at: NOW + 1 }), NOW);
      expect(holdingOf(kv, LOST)).toEqual(holding("i/d", "u", { at: NOW + 1 }));
      expect(lostAt(kv, "i/d/u")).toBeUndefined();
    }),
  );

  it(
    "are of one device, though another begins with the same, and of those who have it",
    withStorage((kv) => {
      for (const each of [holding("i/d", "u"), holding("i/d", "v"), holding("i/d2", "u")]) {
        write(kv, each, NOW);
      }
      write(kv, holding("i/d", "w", { isLost: true }), NOW);
      expect(holdersOf(kv, "i/d")).toEqual([holding("i/d", "u"), holding("i/d", "v")]);
      expect(holdersOf(kv, "i/d", 1)).toEqual([holding("i/d", "u")]);
    }),
  );

  it(
    "are listed page by page, and those of other app instances and of losers are not",
    withStorage((kv) => {
      const all = ["i/a", "i/b", "i/c"].flatMap((device) => ["u", "v"].map((user) => holding(device, user)));
      for (const each of [...all, holding("i2/a", "u"), holding("h/a", "u"), holding("i/b", "w", { isLost: true })]) {
        write(kv, each, NOW);
      }
      const seen: Holding[] = [];
      for (let after = ""; ; ) {
        const page = listHoldings(kv, "i", after, 4);
        seen.push(...page.map((listed) => listed.holding));
        if (page.length < 4) {
          break;
        }
        after = page.at(-1)?.key ?? "";
      }
      expect(seen).toEqual(all);
    }),
  );

  it(
    "of a newer release are refused",
    withStorage((kv) => {
      kv.put("device/i/d/u", { version: 2 });
      expect(() => holdingOf(kv, LOST)).toThrow(NewerRowError);
      expect(() => holdersOf(kv, "i/d")).toThrow(NewerRowError);
    }),
  );
});

describe("a user who has lost a device", () => {
  const due: Due = { at: NOW, key: "i/d/u", failures: 0, since: NOW };

  it(
    "is to be told from now on, until that is done; what was lost stays",
    withStorage((kv) => {
      write(kv, LOST, NOW);
      expect(dueLosers(kv, NOW)).toEqual([due]);
      dropDue(kv, due);
      expect(waitingLosers(kv, 9)).toEqual([]);
      expect(keysIn(kv)).toEqual(["lost/i/d/u"]);
    }),
  );

  it(
    "is told later, and of the loss as it is",
    withStorage((kv) => {
      write(kv, LOST, NOW);
      const later = { at: NOW + 1_000, failures: 1 };
      putOff(kv, due, later);
      expect(dueLosers(kv, NOW + 999)).toEqual([]);
      expect(dueLosers(kv, NOW + 1_000)).toEqual([{ ...due, ...later }]);
      expect(waitingLosers(kv, 9)).toEqual([{ ...due, ...later }]);
      expect(holdingOf(kv, LOST)).toEqual(LOST);
    }),
  );

  it.each<[string, (kv: SyncKvStorage) => void, string[]]>([
    ["the device is theirs again", (kv) => write(kv, { ...LOST_NO_MORE, at: NOW + 1 }, NOW), ["device/i/d/u"]],
    ["what was lost goes", (kv) => dropHolding(kv, LOST), []],
  ])("is not told where %s", (_, change, keys) =>
    withStorage((kv) => {
      write(kv, LOST, NOW);
      putOff(kv, due, { at: NOW + 60_000, failures: 6 });
      change(kv);
      expect(keysIn(kv)).toEqual(keys);
    })(),
  );

  it(
    "is told anew of what is lost anew, and of that alone",
    withStorage((kv) => {
      write(kv, LOST, NOW);
      putOff(kv, due, { at: NOW + 60_000, failures: 6 });
      write(kv, { ...LOST, at: NOW + 1 }, NOW + 5);
      expect(dueLosers(kv, NOW + 60_000)).toEqual([{ ...due, at: NOW + 5, since: NOW + 5 }]);
    }),
  );

  it(
    "waits for no longer than others, and not for those who are due later, whatever they are called",
    withStorage((kv) => {
      for (const [user, after] of Object.entries({ a: 9, z: -5, y: 0, u: 0 })) {
        write(kv, holding("i/d", user, { isLost: true }), NOW + after);
      }
      const called = (until: number, limit?: number) => dueLosers(kv, until, limit).map(({ key }) => key);
      expect(called(NOW)).toEqual(["i/d/z", "i/d/u", "i/d/y"]);
      expect(called(NOW, 1)).toEqual(["i/d/z"]);
      expect(called(NOW + 9)).toHaveLength(4);
      expect(called(NOW - 6)).toEqual([]);
    }),
  );
});
