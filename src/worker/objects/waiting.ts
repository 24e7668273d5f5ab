/** What waits in the Directory's shards, as each said at its last alarm: known where one process has them all. */
export interface Waiting {
  /** Users who have yet to be told that they have lost a device. */
  readonly losers: number;
  /** Events that are not delivered yet. */
  readonly events: number;
  /** When the oldest of them was written, in milliseconds since 1970; undefined: none waits. */
  readonly since: number | undefined;
  /** Of the shard's database. */
  readonly bytes: number;
}

const shards = new Map<string, Waiting>();

export function noteWaiting(shard: string, waiting: Waiting): void {
  shards.set(shard, waiting);
}

/** All shards together, of which the oldest counts. */
export function waitingInAll(): Waiting {
  const all = Array.from(shards.values());
  const sum = (of: (waiting: Waiting) => number) => all.reduce((total, waiting) => total + of(waiting), 0);
  const since = all.flatMap(({ since }) => since ?? []);
  return {
    losers: sum(({ losers }) => losers),
    events: sum(({ events }) => events),
    since: since.length === 0 ? undefined : Math.min(...since),
    bytes: sum(({ bytes }) => bytes),
  };
}
