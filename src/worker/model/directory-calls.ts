/** What the Directory is asked: by the Worker for a user's call, by a user's object when it purges, and by who looks devices up. */
import type { Unavailable } from "./failure.ts";
import type { Holding } from "./holding.ts";
import type { Objects } from "./objects.ts";
import type { Tell } from "./tells.ts";

export interface DirectoryCalls {
  /** Hears what has become of some devices of one user, all of them of one shard, and answers each. */
  tell(userArn: string, tells: readonly Tell[]): readonly Heard[] | Unavailable;
  /** Forgets what users had of devices, once more: when what is left of their endpoints is purged. */
  forget(released: readonly Released[]): undefined | Unavailable;
  /** Who has a device: one user, or some of those with whom it is shared. */
  lookUp(device: string): readonly Holding[] | Unavailable;
  /** Some holdings of an app instance, in the order of their keys, after one of them ("": all). */
  list(instance: string, after: string, count: number): readonly Listed[] | Unavailable;
  /** What the tokens of that list's pages are sealed by, which no caller sees. */
  secret(): string | Unavailable;
  /** How it is, for operators. */
  state(): ShardState | Unavailable;
}

/** A release, and of which user it is. */
export type Released = Tell & Pick<Holding, "user">;

export interface Heard {
  /** Why the user does not hold the device: when it was named for who does, in milliseconds since 1970. */
  readonly standing?: number;
  /** Whether another user has lost the device by it. */
  readonly moved?: true;
}

/** What a shard has, and what waits there. Counts end where they would take long: see model/limits. */
export interface ShardState {
  /** Holdings: a device that several users share counts for each. */
  readonly devices: number;
  /** Users who have lost a device and have yet to be told. */
  readonly losers: number;
  /** For how long the first of those has waited. */
  readonly losersForSeconds: number;
  readonly events: number;
  readonly eventsForSeconds: number;
  /** Of the shard's database. */
  readonly bytes: number;
}

export interface Listed {
  /** Where to go on. */
  readonly key: string;
  readonly holding: Holding;
}

/** The shards of the Directory, as they are reached. */
export type DirectoryNamespace = Objects<DirectoryObject>;

export type DirectoryObject = {
  [Call in keyof DirectoryCalls]: (
    ...args: Parameters<DirectoryCalls[Call]>
  ) => Promise<ReturnType<DirectoryCalls[Call]>>;
};
