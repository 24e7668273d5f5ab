/**
 * A user's rows in the storage of the user's own object: the only code that knows keys and records.
 *
 * One key per endpoint, in the object's synchronous key-value API, written as V8 serializes objects. A row is about
 * 500 bytes; loading all of a user's rows is one range read.
 */
import type { Endpoint, Row, Tombstone } from "../model/endpoint.ts";

/** Keys sort as their ids do, and ids in the order of registration. The prefix leaves room for rows of other kinds. */
const PREFIX = "endpoint/";

/** What is stored: a row without its id, which is the key, under the version of this layout. */
type Stored = (Omit<Endpoint, "endpointId"> | Omit<Tombstone, "endpointId">) & { readonly version: typeof VERSION };

/**
 * The version of the stored layout. A release that changes the layout raises it and reads all older ones; it can meet
 * a newer one only while a deploy is under way or after it was rolled back.
 */
const VERSION = 1;

/** A row was written by a release that is newer than this one. */
export class NewerRowError extends Error {
  override readonly name = "NewerRowError";
}

/** All rows, in the order of their ids. Throws NewerRowError if this release can't read one of them. */
export function loadRows(kv: SyncKvStorage): Row[] {
  return Array.from(kv.list<Stored>({ prefix: PREFIX }), ([key, stored]) => rowFrom(key.slice(PREFIX.length), stored));
}

/** One row, or undefined if there is none with this id. Throws NewerRowError if this release can't read it. */
export function loadRow(kv: SyncKvStorage, endpointId: string): Row | undefined {
  const stored = kv.get<Stored>(PREFIX + endpointId);
  return stored && rowFrom(endpointId, stored);
}

/** Writes one row: a new one, or in place of the one with the same id. */
export function putRow(kv: SyncKvStorage, { endpointId, ...row }: Row): void {
  kv.put<Stored>(PREFIX + endpointId, { version: VERSION, ...row });
}

export function dropRow(kv: SyncKvStorage, endpointId: string): void {
  kv.delete(PREFIX + endpointId);
}

function rowFrom(endpointId: string, { version, ...row }: Stored): Row {
  if (version > VERSION) {
    throw new NewerRowError(`a row has version ${version}; this release reads versions up to ${VERSION}`);
  }
  return { endpointId, ...row };
}
