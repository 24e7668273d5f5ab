/**
 * Does `work` with each of the items, so many at the same time. Where one fails no other is begun, and what that one threw is
 * thrown when those that were under way have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  // A generator ends for all who take from it, as soon as one of them leaves its loop.
  const left = (function* () {
    yield* items.entries();
  })();
  const workers = Array.from({ length: width }, async () => {
    for (const [index, item] of left) {
      await work(item, index);
    }
  });
  const failed = (await Promise.allSettled(workers)).find((ended) => ended.status === "rejected");
  if (failed !== undefined) {
    throw failed.reason;
  }
}
