import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Holding } from "../../../src/worker/model/holding.ts";
import {
  dropDue,
  dropHolding,
  dueLosers,
  holdingAt,
  holdingsOf,
  listHoldings,
  putDue,
  putHolding,
} from "../../../src/worker/storage/holdings.ts";
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

describe("the rows of a shard", () => {
  it(
    "are found by app instance, device and user, and hold what was put, under a version",
    withStorage((kv) => {
      putHolding(kv, holding("i/d", "u"), NOW);
      expect(Array.from(kv.list())).toEqual([
        ["device/i/d/u", { version: 1, userArn: "arn of u", endpointId: "1", at: NOW }],
      ]);
      expect(holdingAt(kv, "i/d/u")).toEqual(holding("i/d", "u"));
      expect(holdingAt(kv, "i/d/v")).toBeUndefined();
    }),
  );

  it(
    "are of one device, though another begins with the same",
    withStorage((kv) => {
      putHolding(kv, holding("i/d", "u"), NOW);
      putHolding(kv, holding("i/d", "v", { isLost: true, claimedAt: 7 }), NOW);
      putHolding(kv, holding("i/d2", "u"), NOW);
      expect(holdingsOf(kv, "i/d")).toEqual([holding("i/d", "u"), holding("i/d", "v", { isLost: true, claimedAt: 7 })]);
    }),
  );

  it(
    "are listed page by page, and those of other app instances are not",
    withStorage((kv) => {
      const all = ["i/a", "i/b", "i/c"].flatMap((device) => ["u", "v"].map((user) => holding(device, user)));
      for (const each of [...all, holding("i2/a", "u"), holding("h/a", "u")]) {
        putHolding(kv, each, NOW);
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
});

describe("a user who has lost a device", () => {
  const lost = holding("i/d", "u", { isLost: true });

  it(
    "is to be told from now on, until that is done; the holding stays",
    withStorage((kv) => {
      putHolding(kv, lost, NOW);
      expect(dueLosers(kv)).toEqual([["i/d/u", { at: NOW, failures: 0 }]]);
      putDue(kv, "i/d/u", { at: NOW + 1_000, failures: 1 });
      expect(dueLosers(kv)).toEqual([["i/d/u", { at: NOW + 1_000, failures: 1 }]]);
      dropDue(kv, "i/d/u");
      expect(keysIn(kv)).toEqual(["device/i/d/u"]);
    }),
  );

  it(
    "is not told where the device is theirs again, or the holding goes",
    withStorage((kv) => {
      putHolding(kv, lost, NOW);
      putHolding(kv, holding("i/d", "u", { at: NOW + 1 }), NOW);
      expect(keysIn(kv)).toEqual(["device/i/d/u"]);
      putHolding(kv, lost, NOW);
      dropHolding(kv, lost);
      expect(keysIn(kv)).toEqual([]);
    }),
  );

  it(
    "is told anew of what is lost anew",
    withStorage((kv) => {
      putHolding(kv, lost, NOW);
      putDue(kv, "i/d/u", { at: NOW + 60_000, failures: 6 });
      putHolding(kv, { ...lost, at: NOW + 1 }, NOW + 5);
      expect(dueLosers(kv)).toEqual([["i/d/u", { at: NOW + 5, failures: 0 }]]);
    }),
  );
});
