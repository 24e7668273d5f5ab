import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import type { Env } from "../../../src/worker/config.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { PAGE_ENDPOINTS_MAX, ROWS_PER_USER_MAX, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { putRow } from "../../../src/worker/storage/rows.ts";
import {
  type Asked,
  deregistering,
  describing,
  device,
  listing,
  registration,
  updating,
} from "../../support/requests.ts";
import { endpoint, idOf, tombstone } from "../../support/rows.ts";
import { freshUser } from "../../support/user-object.ts";

/** What one call does to the storage: rows are what Cloudflare bills, bytes come by the page of 4 KiB. */
interface Cost {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly bytes: number;
}

const SIZES = [
  { live: 1, tombstones: 0 },
  { live: 10, tombstones: 0 },
  { live: 500, tombstones: 0 },
  { live: 9, tombstones: 990 },
];

const NEW = { clientRequestToken: "new", endpointAttributes: { deviceToken: "new".padEnd(163, "x") } };

/** Each call on the storage that the calls before it have left, which has as many rows as it had at first. */
const CALLS: Record<
  string,
  { call: (object: AppInstanceUser) => unknown; reads: "one" | "page" | "all"; writes: number }
> = {
  Describe: { call: (object) => object.describeAppInstanceUserEndpoint(describing(idOf(0))), reads: "one", writes: 0 },
  List: {
    call: (object) => object.listAppInstanceUserEndpoints(listing()),
    reads: "page",
    writes: 0,
  },
  Update: { call: (object) => rename(object, "renamed"), reads: "one", writes: 1 },
  "Update, nothing new": { call: (object) => rename(object, "renamed"), reads: "one", writes: 0 },
  "Register, replayed": {
    call: (object) => object.registerAppInstanceUserEndpoint(registration(typical(0))),
    reads: "all",
    writes: 0,
  },
  "Register, refused": {
    call: (object) => object.registerAppInstanceUserEndpoint(registration(typical(0, { clientRequestToken: "other" }))),
    reads: "all",
    writes: 0,
  },
  Deregister: {
    call: (object) => object.deregisterAppInstanceUserEndpoint(deregistering(idOf(0))),
    reads: "all",
    writes: 1,
  },
  "Deregister, again": {
    call: (object) => object.deregisterAppInstanceUserEndpoint(deregistering(idOf(0))),
    reads: "all",
    writes: 0,
  },
  Register: {
    call: (object) => object.registerAppInstanceUserEndpoint(registration(typical(0, NEW))),
    reads: "all",
    writes: 1,
  },
};

/** As long as what phones send: FCM's tokens have 163 characters. */
function typical(n: number, changes: Partial<Asked> = {}) {
  const endpointAttributes = { deviceToken: `device-${n}`.padEnd(163, "x") };
  return { endpointAttributes, clientRequestToken: `request-${n}`, name: "Ada's phone", ...changes };
}

function rename(object: AppInstanceUser, name: string) {
  return object.updateAppInstanceUserEndpoint(updating(idOf(0), { name }));
}

/** Printed at the end: a column for each size, a line for each call. */
const table = new Map<string, string[]>();
afterAll(() => console.log(Array.from(table, ([name, cells]) => [name, ...cells].join(" | ")).join("\n")));

function tell(name: string, cell: string): void {
  table.set(name, [...(table.get(name) ?? []), cell]);
}

describe.each(SIZES)("a user with $live live endpoints and $tombstones tombstones", ({ live, tombstones }) => {
  it("is served with one row written at the most, and no more rows read than there are", async () => {
    const rows: Row[] = [
      ...Array.from({ length: live }, (_, n) => endpoint(n, typical(n))),
      ...Array.from({ length: tombstones }, (_, n) => tombstone(live + n, Date.now())),
    ];
    await runInDurableObject(freshUser(), (_, state) => {
      rows.forEach((row) => {
        putRow(state.storage.kv, row);
      });
      const object = new AppInstanceUser(state, { ...(env as unknown as Env), ENDPOINTS_PER_USER: "500" });
      tell("rows read, rows written, bytes grown", `${live} live, ${tombstones} tombstones`);
      tell("stored bytes", String(state.storage.sql.databaseSize));
      for (const [name, { call, reads, writes }] of Object.entries(CALLS)) {
        const { rowsRead, rowsWritten, bytes } = costOf(state.storage, () => call(object));
        tell(name, `${rowsRead}, ${rowsWritten}, ${bytes}`);
        // The first tombstone sets the alarm, which is a row.
        const alarm = name === "Deregister" && tombstones === 0 ? 1 : 0;
        // A page reads one endpoint more than it shows, and the tombstones on its way.
        const page = live > PAGE_ENDPOINTS_MAX ? PAGE_ENDPOINTS_MAX + 1 : rows.length;
        expect([name, rowsRead]).toEqual([name, { one: 1, page, all: rows.length }[reads]]);
        expect([name, rowsWritten]).toEqual([name, writes + alarm]);
      }
    });
  });
});

describe("a user with as many rows as are allowed", () => {
  const expired = (n: number) => tombstone(n, Date.now() - TOMBSTONE_LIFETIME_MS);

  it("has one of them replaced by a new endpoint, and the others purged", () =>
    runInDurableObject(freshUser(), async (_, state) => {
      for (let n = 0; n < ROWS_PER_USER_MAX; n++) {
        putRow(state.storage.kv, expired(n));
      }
      const object = new AppInstanceUser(state, env as unknown as Env);
      const replaced = costOf(state.storage, () => object.registerAppInstanceUserEndpoint(device(0, NEW)));
      expect(replaced).toMatchObject({ rowsRead: ROWS_PER_USER_MAX, rowsWritten: 2 });
      const purged = costOf(state.storage, () => object.alarm());
      expect(purged).toMatchObject({ rowsRead: ROWS_PER_USER_MAX, rowsWritten: ROWS_PER_USER_MAX - 1 });
      tell("Register, for an expired one", Object.values(replaced).join(", "));
      tell("Purge", Object.values(purged).join(", "));
    }));
});

/** Counts what the key-value API hands out, and what SQLite has changed beneath it. */
function costOf(storage: DurableObjectStorage, call: () => unknown): Cost {
  const { kv, sql } = storage;
  let rowsRead = 0;
  const { list } = kv;
  const get = vi.spyOn(kv, "get");
  const listed = vi.spyOn(kv, "list").mockImplementation(function* <T>(options?: SyncKvListOptions) {
    for (const entry of list.call(kv, options) as Iterable<[string, T]>) {
      rowsRead++;
      yield entry;
    }
  });
  const changes = () => Number(sql.exec("SELECT total_changes() AS n").one().n);
  const [changesBefore, bytesBefore] = [changes(), sql.databaseSize];
  call();
  const cost = {
    rowsRead: rowsRead + get.mock.calls.length,
    rowsWritten: changes() - changesBefore,
    bytes: sql.databaseSize - bytesBefore,
  };
  get.mockRestore();
  listed.mockRestore();
  return cost;
}
