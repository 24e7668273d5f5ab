/** How long whoever asks first waits for others. 20 calls in a second leave room in the server's BATCH_RATE of 300 in 10 seconds. */
const GATHER_MS = 50;

/**
 * Makes one call of all who ask at about the same time. `ask` tells of each item once; whoever was not told when it ends, or throws, is
 * told that.
 */
export function together<Item, Told>(
  ask: (items: Item[]) => AsyncIterable<Told>,
  itemOf: (told: Told) => Item,
): (item: Item) => Promise<Told> {
  let gathering: Map<Item, PromiseWithResolvers<Told>> | undefined;

  async function askForAll(asked: Map<Item, PromiseWithResolvers<Told>>): Promise<void> {
    let failure: unknown = new Error("The answer left out what was asked for.");
    try {
      for await (const told of ask([...asked.keys()])) {
        asked.get(itemOf(told))?.resolve(told);
      }
    } catch (error) {
      failure = error;
    }
    for (const asking of asked.values()) {
      asking.reject(failure);
    }
  }

  return (item) => {
    if (gathering === undefined) {
      const asked = new Map();
      gathering = asked;
      setTimeout(() => {
        gathering = undefined;
        askForAll(asked);
      }, GATHER_MS);
    }
    const asking = gathering.get(item) ?? Promise.withResolvers<Told>();
    gathering.set(item, asking);
    return asking.promise;
  };
}
