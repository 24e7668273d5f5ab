import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { AppInstanceUser } from "../../src/worker/app-instance-user.ts";
import type { Variables } from "../../src/worker/config.ts";
import type { Row } from "../../src/worker/model/endpoint.ts";
import { loadRows, putRow } from "../../src/worker/storage/rows.ts";
import { type Asked, device } from "./requests.ts";

export type User = DurableObjectStub<AppInstanceUser>;

const users = (env as unknown as { APP_INSTANCE_USER: DurableObjectNamespace<AppInstanceUser> }).APP_INSTANCE_USER;

/** Configures the objects that start from now on, and answers what puts that back. */
export function configure(variables: Partial<Record<keyof Variables, string>>): () => void {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, Reflect.get(env, name)]));
  Object.assign(env, variables);
  return () => Object.assign(env, before);
}

export function freshUser(): User {
  return userNamed(crypto.randomUUID());
}

export function userNamed(name: string): User {
  return users.getByName(name);
}

/** Registers the n-th device of a user, and answers its endpoint's id. */
export async function registerDevice(user: User, n: number, changes: Partial<Asked> = {}): Promise<string> {
  const answer = await user.registerAppInstanceUserEndpoint(device(n, changes));
  if (answer.kind !== "ok") {
    throw new Error(`device ${n} was refused: ${answer.kind}`);
  }
  return answer.response.endpointId;
}

/** Everything that is stored, read anew. */
export function stored(user: User): Promise<{ rows: Row[]; alarm: number | null }> {
  return runInDurableObject(user, async (_, { storage }) => ({
    rows: loadRows(storage.kv),
    alarm: await storage.getAlarm(),
  }));
}

/** Has the object start anew at its next call. */
export async function evict(user: User): Promise<void> {
  // Only what runs can be evicted, and it may have been before.
  await stored(user);
  await evictDurableObject(user);
}

/** Puts rows where only the past could have put them. */
export function store(user: User, rows: readonly Row[]): Promise<void> {
  return runInDurableObject(user, (_, { storage }) => {
    for (const row of rows) {
      putRow(storage.kv, row);
    }
  });
}

/** How many rows SQLite writes for a user during a call, in whichever table; the alarm is one. */
export async function writesOf(user: User, call: () => Promise<unknown>): Promise<number> {
  const before = await rowsWritten(user);
  await call();
  return (await rowsWritten(user)) - before;
}

/** Since the object was started, or emptied. */
function rowsWritten(user: User): Promise<number> {
  return runInDurableObject(user, (_, { storage }) => Number(storage.sql.exec("SELECT total_changes() AS n").one().n));
}
