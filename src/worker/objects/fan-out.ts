/**
 * Does something for each of some items, for as many at once as the width: one queue for all, and each takes the next item when it is
 * done with its last, as long as that goes on.
 */
export async function fanOut<Item>(
  items: Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
  goesOn: () => boolean,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const takeAll = async () => {
    while (goesOn()) {
      const { value, done } = queue.next();
      if (done) {
        return;
      }
      await work(value);
    }
  };
  await Promise.all(Array.from({ length: width }, takeAll));
}
