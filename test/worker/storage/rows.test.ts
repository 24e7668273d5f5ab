import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { NewerRowError } from "../../../src/worker/storage/access.ts";
import { applyChanges, loadRow, loadRows, putRow } from "../../../src/worker/storage/rows.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";
import { freshUser } from "../../support/user-object.ts";

/** Runs a test on the storage of a fresh object. */
function onStorage(test: (kv: SyncKvStorage, storage: DurableObjectStorage) => void): Promise<void> {
  return runInDurableObject(freshUser(), (_, { storage }) => test(storage.kv, storage));
}

const full = endpoint(1, {
  endpointAttributes: { deviceToken: "d\u00e9\ud83d\ude00\u0000", voipDeviceToken: "v" },
  name: "",
});

describe("rows", () => {
  it("come back as they were put, in the order of their ids", () =>
    onStorage((kv) => {
      const rows = [full, tombstone(2, NOW), endpoint(3)];
      for (const row of rows.toReversed()) {
        putRow(kv, row);
      }
      expect(loadRows(kv)).toEqual(rows);
      expect(rows.map(({ endpointId }) => loadRow(kv, endpointId))).toEqual(rows);
    }));

  it("are replaced by a row with the same id, whole", () =>
    onStorage((kv) => {
      putRow(kv, full);
      putRow(kv, tombstone(1, NOW));
      expect(loadRows(kv)).toEqual([tombstone(1, NOW)]);
    }));

  it("are gone when dropped, and dropping one that is not there does nothing", () =>
    onStorage((kv, storage) => {
      putRow(kv, full);
      applyChanges(storage, { drop: [idOf(1), idOf(2)] });
      expect(loadRows(kv)).toEqual([]);
      expect(loadRow(kv, idOf(1))).toBeUndefined();
    }));

  it("cost nothing to look for where there are none", () =>
    onStorage((kv, { sql }) => {
      const empty = sql.databaseSize;
      expect(loadRows(kv)).toEqual([]);
      expect(loadRow(kv, idOf(1))).toBeUndefined();
      expect(sql.databaseSize).toBe(empty);
    }));

  it("of a newer release are refused, whether one is read or all", () =>
    onStorage((kv) => {
      kv.put(`endpoint/${idOf(1)}`, { version: 2, state: "live" });
      expect(() => loadRows(kv)).toThrow(NewerRowError);
      expect(() => loadRow(kv, idOf(1))).toThrow(NewerRowError);
      expect(loadRow(kv, idOf(2))).toBeUndefined();
    }));
});
