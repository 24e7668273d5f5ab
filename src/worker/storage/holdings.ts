/**
 * The rows of one shard of the Directory: the only code that knows its keys and records.
 *
 * A holding is a row under its device and its user: of those who have the device, and apart from them of those who have lost it. So all who
 * have a device are one range, as are all of an app instance, however many have lost it: a token that is no device's, which a bug in an app
 * may register for everybody, has a new holder all the time. A user who has yet to hear of a loss is named besides, by when that is due.
 */
import type { Listed } from "../model/directory-calls.ts";
import type { Holding } from "../model/holding.ts";
import { attempt, checkVersion } from "./access.ts";

const HOLDERS = "device/";
const LOST = "lost/";
const DUE = "loser/";

/** The version of the stored layout: see storage/rows. */
const VERSION = 1;

interface Stored extends Omit<Holding, "device" | "user" | "isLost"> {
  readonly version: typeof VERSION;
  /** Of what was lost: when the user is, or was, to be told. */
  readonly dueAt?: number;
}

/** A loser who is to be told. */
export interface Due {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** The holding that was lost. */
  readonly key: string;
  /** How often it has failed. */
  readonly failures: number;
  /** When it was lost, in milliseconds since 1970. */
  readonly since: number;
}

type StoredDue = Pick<Due, "failures" | "since">;

/** As long as the largest safe integer, so that keys sort as numbers do. */
const TIME_DIGITS = 16;

const ALL = 2 ** 31 - 1;

/** What a user has of a device, or has lost. */
export function holdingOf(kv: SyncKvStorage, { device, user }: Pick<Holding, "device" | "user">): Holding | undefined {
  return holdingAt(kv, HOLDERS, `${device}/${user}`) ?? lostAt(kv, `${device}/${user}`);
}

/** What was lost, by its key, unless it is not lost any more. */
export function lostAt(kv: SyncKvStorage, key: string): Holding | undefined {
  return holdingAt(kv, LOST, key);
}

/** Those who have a device, in the order of their users' hashes. */
export function holdersOf(kv: SyncKvStorage, device: string, limit = ALL): Holding[] {
  return listed<Stored>(kv, { prefix: `${HOLDERS}${device}/`, limit }).map(([key, stored]) =>
    holdingFrom(HOLDERS, key, stored),
  );
}

/** Some of those who have a device of an app instance, in the order of their keys, after one of them, or from the first ("") on. */
export function listHoldings(kv: SyncKvStorage, instance: string, after: string, limit: number): Listed[] {
  const range = after === "" ? {} : { startAfter: HOLDERS + after };
  return listed<Stored>(kv, { prefix: `${HOLDERS}${instance}/`, ...range, limit }).map(([key, stored]) => ({
    key: key.slice(HOLDERS.length),
    holding: holdingFrom(HOLDERS, key, stored),
  }));
}

/** How many holdings there are of those who have a device, up to a limit. */
export function countHoldings(kv: SyncKvStorage, limit: number): number {
  return attempt(() => {
    let count = 0;
    for (const _ of kv.list({ prefix: HOLDERS, limit })) {
      count++;
    }
    return count;
  });
}

/** Some of those who wait to be told, whenever they are due. */
export function waitingLosers(kv: SyncKvStorage, limit: number): Due[] {
  return listed<StoredDue>(kv, { prefix: DUE, limit }).map(dueFrom);
}

/** What a user had of a device, or had lost, before a holding takes its place. */
export type Before = Pick<Holding, "isLost"> | undefined;

/** Writes a holding in place of the same user's; one that is lost is to be told from `now` on, and of no earlier loss. */
export function putHolding(kv: SyncKvStorage, holding: Holding, before: Before, now: number): void {
  const { device, user, isLost, ...stored } = holding;
  const key = `${device}/${user}`;
  attempt(() => {
    if (before?.isLost) {
      dropDueOf(kv, key);
    }
    if (before && before.isLost !== isLost) {
      kv.delete(kindOf(before) + key);
    }
    kv.put<Stored>(kindOf(holding) + key, { version: VERSION, ...stored, ...(isLost && { dueAt: now }) });
    if (isLost) {
      kv.put<StoredDue>(dueKey({ at: now, key }), { failures: 0, since: now });
    }
  });
}

export function dropHolding(kv: SyncKvStorage, holding: Holding): void {
  const key = `${holding.device}/${holding.user}`;
  attempt(() => {
    if (holding.isLost) {
      dropDueOf(kv, key);
    }
    kv.delete(kindOf(holding) + key);
  });
}

function kindOf({ isLost }: NonNullable<Before>): string {
  return isLost ? LOST : HOLDERS;
}

/** The user is not told any more of what was lost before. */
function dropDueOf(kv: SyncKvStorage, key: string): void {
  const lost = kv.get<Stored>(LOST + key);
  if (lost?.dueAt !== undefined) {
    kv.delete(dueKey({ at: lost.dueAt, key }));
  }
}

/** Those who are to be told by a time, the longest due ones first. */
export function dueLosers(kv: SyncKvStorage, until: number, limit = ALL): Due[] {
  return listed<StoredDue>(kv, { prefix: DUE, end: DUE + digitsOf(until + 1), limit }).map(dueFrom);
}

/** The loser is to be told later. */
export function putOff(kv: SyncKvStorage, due: Due, { at, failures }: Pick<Due, "at" | "failures">): void {
  const { key, since } = due;
  attempt(() => {
    const lost = kv.get<Stored>(LOST + key);
    kv.delete(dueKey(due));
    if (lost !== undefined) {
      kv.put<Stored>(LOST + key, { ...lost, dueAt: at });
      kv.put<StoredDue>(dueKey({ at, key }), { failures, since });
    }
  });
}

/** The loser has been told. */
export function dropDue(kv: SyncKvStorage, due: Due): void {
  attempt(() => kv.delete(dueKey(due)));
}

function dueKey({ at, key }: Pick<Due, "at" | "key">): string {
  return `${DUE}${digitsOf(at)}/${key}`;
}

function digitsOf(at: number): string {
  return String(at).padStart(TIME_DIGITS, "0");
}

/** "loser/TIME/INSTANCE/DEVICE/USER" */
function dueFrom([key, stored]: [string, StoredDue]): Due {
  const end = DUE.length + TIME_DIGITS;
  return { at: Number(key.slice(DUE.length, end)), key: key.slice(end + 1), ...stored };
}

function holdingAt(kv: SyncKvStorage, kind: string, key: string): Holding | undefined {
  const stored = attempt(() => kv.get<Stored>(kind + key));
  return stored && holdingFrom(kind, kind + key, stored);
}

/** "device/INSTANCE/DEVICE/USER" */
function holdingFrom(kind: string, key: string, { version, dueAt: _, ...stored }: Stored): Holding {
  checkVersion(version, VERSION);
  const end = key.lastIndexOf("/");
  const named = { device: key.slice(kind.length, end), user: key.slice(end + 1) };
  return { ...named, ...stored, ...(kind === LOST && { isLost: true }) };
}

function listed<Value>(kv: SyncKvStorage, options: SyncKvListOptions): [string, Value][] {
  return attempt(() => Array.from(kv.list<Value>(options)));
}
