/**
 * A user's rows in the storage of the user's own object: the only code that knows keys and records.
 *
 * One key per endpoint, in the object's synchronous key-value API, written as V8 serializes objects. A row is about
 * 500 bytes; loading all of a user's rows is one range read.
 */
import type { Changes } from "../model/changes.ts";
import type { Endpoint, Row, Tombstone } from "../model/endpoint.ts";
import { attempt, checkVersion } from "./access.ts";

/** Keys sort as their ids do, and ids in the order of registration. The prefix leaves room for rows of other kinds. */
const PREFIX = "endpoint/";

/** What is stored: a row without its id, which is the key, under the version of this layout. */
type Stored = (Omit<Endpoint, "endpointId"> | Omit<Tombstone, "endpointId">) & { readonly version: typeof VERSION };

/**
 * The version of the stored layout. A release that changes the layout raises it and reads all older ones; it can meet
 * a newer one only while a deploy is under way or after it was rolled back.
 */
const VERSION = 1;

/** All rows, in the order of their ids. Throws StorageError, and NewerRowError if this release can't read one of them. */
export function loadRows(kv: SyncKvStorage): Row[] {
  const entries = attempt(() => Array.from(kv.list<Stored>({ prefix: PREFIX })));
  return entries.map(([key, stored]) => rowFrom(key.slice(PREFIX.length), stored));
}

/**
 * The rows after an id, in the order of their ids, each read when it is asked for; after "" all of them. Throws as loadRows
 * does.
 */
export function* rowsAfter(kv: SyncKvStorage, endpointId: string): Generator<Row> {
  const range = endpointId === "" ? {} : { startAfter: PREFIX + endpointId };
  const entries = attempt(() => kv.list<Stored>({ prefix: PREFIX, ...range })[Symbol.iterator]());
  for (;;) {
    const { value, done } = attempt(() => entries.next());
    if (done) {
      return;
    }
    yield rowFrom(value[0].slice(PREFIX.length), value[1]);
  }
}

/** One row, or undefined if there is none with this id. Throws as loadRows does. */
export function loadRow(kv: SyncKvStorage, endpointId: string): Row | undefined {
  const stored = attempt(() => kv.get<Stored>(PREFIX + endpointId));
  return stored && rowFrom(endpointId, stored);
}

/** A user's rows as they are before a call changes them, each read once however many ask for it. */
export class RowsBefore {
  readonly #kv: SyncKvStorage;
  readonly #read = new Map<string, Row | undefined>();
  #all: readonly Row[] | undefined;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  /** All rows, in the order of their ids. Throws as loadRows does. */
  readonly all = (): readonly Row[] => {
    this.#all ??= loadRows(this.#kv);
    return this.#all;
  };

  /** One row, or undefined if there is none with this id. Throws as loadRows does. */
  readonly one = (endpointId: string): Row | undefined => {
    if (this.#all !== undefined) {
      return this.#all.find((row) => row.endpointId === endpointId);
    }
    if (!this.#read.has(endpointId)) {
      this.#read.set(endpointId, loadRow(this.#kv, endpointId));
    }
    return this.#read.get(endpointId);
  };
}

/** Applies changes, all of them or none. Throws StorageError. */
export function applyChanges(storage: DurableObjectStorage, { put = [], drop = [], purgeAt }: Changes): void {
  const apply = () => {
    for (const endpointId of drop) {
      storage.kv.delete(PREFIX + endpointId);
    }
    for (const row of put) {
      putRow(storage.kv, row);
    }
    if (purgeAt !== undefined) {
      // Not awaited: it is written with the rows, in this turn, and the answer is held back until both are durable.
      void storage.setAlarm(purgeAt);
    }
  };
  // One row alone is written or not. With more an exception would not roll back what was written before it.
  const isOneRow = put.length + drop.length <= 1 && purgeAt === undefined;
  attempt(isOneRow ? apply : () => storage.transactionSync(apply));
}

/** Writes one row: a new one, or in place of the one with the same id. */
export function putRow(kv: SyncKvStorage, { endpointId, ...row }: Row): void {
  kv.put<Stored>(PREFIX + endpointId, { version: VERSION, ...row });
}

function rowFrom(endpointId: string, { version, ...row }: Stored): Row {
  checkVersion(version, VERSION);
  return { endpointId, ...row };
}
