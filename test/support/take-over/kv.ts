/** The rows of a shard in a state, in the order of their keys. */
export type Entries = readonly (readonly [key: string, value: unknown])[];

/** The part of an object's storage that the Directory's rows need, over the entries of a state, which stay as they are. */
export class Kv {
  #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  get entries(): Entries {
    return this.#entries;
  }

  get<Value>(key: string): Value | undefined {
    return this.#entries.find(([found]) => found === key)?.[1] as Value | undefined;
  }

  list<Value>({ prefix = "", end, limit = Infinity }: SyncKvListOptions = {}): [string, Value][] {
    const isAsked = (key: string) => key.startsWith(prefix) && (end === undefined || key < end);
    return this.#entries.filter(([key]) => isAsked(key)).slice(0, limit) as unknown as [string, Value][];
  }

  put(key: string, value: unknown): void {
    const others = this.#entries.filter(([found]) => found !== key);
    this.#entries = [...others, [key, value] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  delete(key: string): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter(([found]) => found !== key);
    return this.#entries.length < before;
  }
}

/** Changes a shard as its object does. */
export function changed<Result>(
  entries: Entries,
  change: (kv: SyncKvStorage) => Result,
): { entries: Entries; result: Result } {
  const kv = new Kv(entries);
  const result = change(kv as unknown as SyncKvStorage);
  return { entries: kv.entries, result };
}
