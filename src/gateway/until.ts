/**
 * Items until they end, or the signal aborts. Each turn waits for a promise of its own: one that all turns share, as in
 * Promise.race, would keep something of each turn for as long as it is not settled.
 */
export async function* until<T>(ended: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let end = () => {};
  const onAbort = () => end();
  ended.addEventListener("abort", onAbort);
  try {
    while (!ended.aborted) {
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        end = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined || next.done) {
        return;
      }
      yield next.value;
    }
  } finally {
    ended.removeEventListener("abort", onAbort);
  }
}
