import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { putRow, RowsBefore } from "../../../src/worker/storage/rows.ts";
import { endpoint, idOf } from "../../support/rows.ts";
import { freshUser } from "../../support/user-object.ts";

/** What is read of a user with two endpoints, and how often the storage is asked for it. */
function reading(read: (rows: RowsBefore) => unknown) {
  return runInDurableObject(freshUser(), (_, { storage: { kv } }) => {
    putRow(kv, endpoint(0));
    putRow(kv, endpoint(1));
    const [get, list] = [vi.spyOn(kv, "get"), vi.spyOn(kv, "list")];
    const result = read(new RowsBefore(kv));
    const asked = { one: get.mock.calls.length, all: list.mock.calls.length };
    vi.restoreAllMocks();
    return { result, asked };
  });
}

describe("a user's rows before a call", () => {
  it("are read once, all of them", async () => {
    const { result, asked } = await reading((rows) => [rows.all(), rows.all()]);
    expect(result).toEqual([
      [endpoint(0), endpoint(1)],
      [endpoint(0), endpoint(1)],
    ]);
    expect(asked).toEqual({ one: 0, all: 1 });
  });

  it("are read once, each of them, and what is not there too", async () => {
    const ids = [idOf(1), idOf(1), idOf(2), idOf(2)];
    const { result, asked } = await reading((rows) => ids.map(rows.one));
    expect(result).toEqual([endpoint(1), endpoint(1), undefined, undefined]);
    expect(asked).toEqual({ one: 2, all: 0 });
  });

  it("are not read again one by one once all are known", async () => {
    const { result, asked } = await reading((rows) => [rows.all().length, rows.one(idOf(1)), rows.one(idOf(2))]);
    expect(result).toEqual([2, endpoint(1), undefined]);
    expect(asked).toEqual({ one: 0, all: 1 });
  });

  it("stay as they were when the call writes", async () => {
    const { result } = await runInDurableObject(freshUser(), (_, { storage: { kv } }) => {
      const rows = new RowsBefore(kv);
      const before = rows.one(idOf(0));
      putRow(kv, endpoint(0));
      return { result: [before, rows.one(idOf(0))] };
    });
    expect(result).toEqual([undefined, undefined]);
  });
});
