/** Stores as releases left them, written down row by row, and put where this release finds them. */
import { runInDurableObject } from "cloudflare:test";
import type { AppInstanceUser } from "../../../src/worker/app-instance-user.ts";
import type { Directory } from "../../../src/worker/directory/directory.ts";
import { SHARDS } from "../../../src/worker/objects/device-key.ts";
import { objectName } from "../../../src/worker/objects/place.ts";
import { AppInstance, directory } from "../devices.ts";
import { userNamed } from "../user-object.ts";

/** What one object has stored: its values by their keys, and when its alarm is to come. */
export interface Stored {
  readonly rows: Readonly<Record<string, unknown>>;
  readonly alarm?: number;
}

export interface Store {
  /** The name of the app instance, which is in what the Directory's rows are named by. */
  readonly appInstance: string;
  readonly users: Readonly<Record<string, Stored>>;
  /** Of the Directory. */
  readonly shards: Readonly<Record<string, Stored>>;
}

/** Puts a store where it is found, in place of all that its objects and the whole Directory have. */
export async function put({ appInstance, users, shards }: Store): Promise<AppInstance> {
  const app = new AppInstance(appInstance);
  const all = SHARDS.split("").map((shard): [Reached, Stored] => [shardNamed(shard), shards[shard] ?? NOTHING]);
  for (const [object, { rows, alarm }] of [...usersOf(app, users), ...all]) {
    await runInDurableObject(object, async (_, { storage }) => {
      await storage.deleteAll();
      for (const [key, value] of Object.entries(rows)) {
        storage.kv.put(key, value);
      }
      await (alarm === undefined ? storage.deleteAlarm() : storage.setAlarm(alarm));
    });
  }
  return app;
}

/** What some users of an app instance, and the whole Directory, have by now. */
export async function storeOf(appInstance: string, users: readonly string[]): Promise<Store> {
  const app = new AppInstance(appInstance);
  const shards = Object.fromEntries(SHARDS.split("").map((shard) => [shard, shardNamed(shard)]));
  return {
    appInstance,
    users: await allStored(Object.fromEntries(users.map((user) => [user, userNamed(objectName(app.arnOf(user)))]))),
    shards: await allStored(shards),
  };
}

type Reached = DurableObjectStub<AppInstanceUser> | DurableObjectStub<Directory>;

const NOTHING: Stored = { rows: {} };

function usersOf(app: AppInstance, users: Store["users"]): [Reached, Stored][] {
  return Object.entries(users).map(([user, stored]) => [userNamed(objectName(app.arnOf(user))), stored]);
}

function shardNamed(shard: string): DurableObjectStub<Directory> {
  return (directory as unknown as DurableObjectNamespace<Directory>).getByName(shard);
}

/** Without those that have nothing. */
async function allStored(objects: Readonly<Record<string, Reached>>): Promise<Record<string, Stored>> {
  const all = await Promise.all(
    Object.entries(objects).map(([name, object]) =>
      runInDurableObject(object, async (_, { storage }): Promise<[string, Stored]> => {
        const alarm = await storage.getAlarm();
        return [name, { rows: Object.fromEntries(storage.kv.list()), ...(alarm !== null && { alarm }) }];
      }),
    ),
  );
  return Object.fromEntries(all.filter(([, { rows }]) => Object.keys(rows).length > 0));
}
