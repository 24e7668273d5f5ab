/** What there is any number of: an array, a generator, rows as a database gives them. */
export type Source<Item> = Iterable<Item> | AsyncIterable<Item>;

/** What is to be done about one thing that was read: ask for it, tell of it without asking, or (undefined) neither. */
export type Sorted<Item, Told> = { readonly item: Item } | { readonly told: Told } | undefined;

export interface Batch<Item, Told> {
  readonly items: readonly Item[];
  readonly told: readonly Told[];
}

export interface Batches<Item, Told> {
  /** The next batch; undefined at the end. Whoever asks while one is being read gets the one after it. */
  next(): Promise<Batch<Item, Told> | undefined>;
  /** Tells the source that no more is read. */
  close(): void;
}

/** Items that one call takes at the most, by the proto. */
const ITEMS_MAX = 100;

/** What is told without a call does not wait for a call's worth of items, however rare those are. */
const TOLD_MAX = 1_000;

export function batchesOf<Input, Item, Told>(
  source: Source<Input>,
  sort: (input: Input) => Sorted<Item, Told>,
): Batches<Item, Told> {
  const inputs = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let reading: Promise<unknown> = Promise.resolve();
  let isAtEnd = false;

  async function read(): Promise<Batch<Item, Told> | undefined> {
    const items: Item[] = [];
    const told: Told[] = [];
    while (!isAtEnd && items.length < ITEMS_MAX && told.length < TOLD_MAX) {
      const { done, value } = await inputs.next();
      isAtEnd = done === true;
      const sorted = isAtEnd ? undefined : sort(value);
      if (sorted !== undefined && "item" in sorted) {
        items.push(sorted.item);
      } else if (sorted !== undefined) {
        told.push(sorted.told);
      }
    }
    return items.length + told.length === 0 ? undefined : { items, told };
  }

  return {
    next() {
      const batch = reading.then(read);
      reading = batch;
      return batch;
    },
    close() {
      if (!isAtEnd) {
        // Not waited for: a source may never come to answer the item that is asked for.
        Promise.resolve(inputs.return?.()).catch(() => {});
      }
    },
  };
}
