import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import type { Env, Variables } from "../../../src/worker/config.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { PAGE_ENDPOINTS_MAX, ROWS_PER_USER_MAX, TOMBSTONE_LIFETIME_MS } from "../../../src/worker/model/limits.ts";
import { loadRows, putRow } from "../../../src/worker/storage/rows.ts";
import {
  type Asked,
  deregistering,
  describing,
  device,
  listing,
  registration,
  reporting,
  resolving,
  updating,
} from "../../support/requests.ts";
import { endpoint, idOf, NOW, tombstone } from "../../support/rows.ts";
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

/** The device of the user's first endpoint, and what a launch of its app says with a request token of its own. */
const { endpointAttributes: FIRST } = typical(0);
const LAUNCH = { endpointAttributes: FIRST, clientRequestToken: "launch" };
const OTHER = { deviceToken: "other".padEnd(163, "x") };

const EIGHT_DAYS_MS = 8 * 86_400_000;

interface Call {
  /** On an object that adopts no ACTIVE endpoints, or on one that does. */
  readonly call: (object: AppInstanceUser, adopting: AppInstanceUser) => unknown;
  readonly reads: "one" | "page" | "all" | "one and all";
  readonly writes: number;
  /** How long after the call before. */
  readonly pauseMs?: number;
}

/** Each call on the storage that the calls before it have left, which has as many rows as it had at first. */
const CALLS: Record<string, Call> = {
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
  "Register, replayed after a week": {
    call: (object) => object.registerAppInstanceUserEndpoint(registration(typical(0))),
    reads: "all",
    writes: 1,
    pauseMs: EIGHT_DAYS_MS,
  },
  "Register, adopted": {
    call: (_, adopting) => adopting.registerAppInstanceUserEndpoint(registration(LAUNCH)),
    reads: "all",
    writes: 0,
  },
  "Register, adopted after a week": {
    call: (_, adopting) => adopting.registerAppInstanceUserEndpoint(registration(LAUNCH)),
    reads: "all",
    writes: 1,
    pauseMs: EIGHT_DAYS_MS,
  },
  "Update, refreshed": { call: (object) => rotate(object, FIRST), reads: "one", writes: 0 },
  "Update, refreshed after a week": {
    call: (object) => rotate(object, FIRST),
    reads: "one and all",
    writes: 1,
    pauseMs: EIGHT_DAYS_MS,
  },
  "Update, rotated": { call: (object) => rotate(object, OTHER), reads: "one and all", writes: 1 },
  Resolve: { call: (object) => object.resolveAppInstanceUserEndpoints(resolving()), reads: "all", writes: 0 },
  "Report, ignored": { call: (object) => report(object, "INVALID_ARGUMENT"), reads: "one", writes: 0 },
  "Report, of the former token": { call: (object) => report(object, "Unregistered", FIRST), reads: "one", writes: 0 },
  "Report, suspected": {
    call: (object) => report(object, "BadDeviceToken"),
    reads: "one",
    writes: 1,
    pauseMs: 1_000,
  },
  "Report, suspected again": { call: (object) => report(object, "BadDeviceToken"), reads: "one", writes: 0 },
  "Report, gone": { call: (object) => report(object, "Unregistered"), reads: "one", writes: 1 },
  "Report, gone again": { call: (object) => report(object, "Unregistered"), reads: "one", writes: 0 },
  "Report, ten of one endpoint": {
    call: (object) => report(object, "Unregistered", OTHER, 10),
    reads: "one",
    writes: 0,
  },
  "Update, healed": { call: (object) => rotate(object, OTHER), reads: "one and all", writes: 1 },
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

function rotate(object: AppInstanceUser, endpointAttributes: Asked["endpointAttributes"]) {
  return object.updateAppInstanceUserEndpoint(updating(idOf(0), { endpointAttributes }));
}

/** Reports pushes to the first endpoint, to the token that it has at last, if it is not told another. */
function report(object: AppInstanceUser, reason: string, { deviceToken } = OTHER, times = 1) {
  const failed = { endpointId: idOf(0), deviceToken, reason, at: Date.now() };
  return object.reportAppInstanceUserEndpointFailures(reporting(...Array(times).fill(failed)));
}

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

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
      // Not expired at the end either.
      ...Array.from({ length: tombstones }, (_, n) => tombstone(live + n, NOW + 10 * EIGHT_DAYS_MS)),
    ];
    await runInDurableObject(freshUser(), (_, state) => {
      rows.forEach((row) => {
        putRow(state.storage.kv, row);
      });
      const object = objectWith(state, {});
      const adopting = objectWith(state, { SAME_DEVICE: "adopt" });
      tell("rows read, rows written, bytes grown", `${live} live, ${tombstones} tombstones`);
      tell("stored bytes", String(state.storage.sql.databaseSize));
      for (const [name, { call, reads, writes, pauseMs = 0 }] of Object.entries(CALLS)) {
        vi.advanceTimersByTime(pauseMs);
        const { rowsRead, rowsWritten, bytes } = costOf(state.storage, () => call(object, adopting));
        tell(name, `${rowsRead}, ${rowsWritten}, ${bytes}`);
        // The first tombstone sets the alarm, which is a row.
        const alarm = name === "Deregister" && tombstones === 0 ? 1 : 0;
        // A page reads one endpoint more than it shows, and the tombstones on its way.
        const page = live > PAGE_ENDPOINTS_MAX ? PAGE_ENDPOINTS_MAX + 1 : rows.length;
        expect([name, rowsRead]).toEqual([
          name,
          { one: 1, page, all: rows.length, "one and all": 1 + rows.length }[reads],
        ]);
        expect([name, rowsWritten]).toEqual([name, writes + alarm]);
      }
    });
  });
});

function objectWith(state: DurableObjectState, variables: Variables): AppInstanceUser {
  return new AppInstanceUser(state, { ...(env as unknown as Env), ENDPOINTS_PER_USER: "500", ...variables });
}

describe("an endpoint that makes way", () => {
  const dead = { ...endpoint(1), inactiveSince: NOW };

  it.each([
    ["at the limit", (object: AppInstanceUser) => object.registerAppInstanceUserEndpoint(device(9)), 2],
    ["for a rotation", (object: AppInstanceUser) => rotate(object, { deviceToken: "device-1" }), 3],
  ])("%s costs a row more, and the first time the alarm", (name, call, rowsRead) =>
    runInDurableObject(freshUser(), (_, state) => {
      for (const [alarm, more] of [
        [1, []],
        [0, [tombstone(2, NOW)]],
      ] as const) {
        for (const row of [endpoint(0), dead, ...more]) {
          putRow(state.storage.kv, row);
        }
        const cost = costOf(state.storage, () => call(objectWith(state, { ENDPOINTS_PER_USER: "2" })));
        expect(cost).toMatchObject({ rowsRead: rowsRead + more.length, rowsWritten: 2 + alarm });
        tell(`Makes way ${name}${alarm ? ", with the alarm" : ""}`, Object.values(cost).join(", "));
        for (const { endpointId } of loadRows(state.storage.kv)) {
          state.storage.kv.delete(`endpoint/${endpointId}`);
        }
      }
    }),
  );
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
