/** For how long it is remembered what was sent, in milliseconds: longer than whoever asks goes on asking. */
const REMEMBER_MS = 6 * 3_600_000;

/** About 200 bytes each. Beyond, the oldest are forgotten. */
const REMEMBERED_MAX = 1_000_000;

/**
 * Does each thing once, by its id, and answers all who ask for it, now or later, with what came of that. What `isUndone` says of may be
 * done another time. It is remembered in this process only.
 */
export function createOnce<Result>(isUndone: (result: Result) => boolean) {
  const remembered = new Map<string, { readonly result: Promise<Result>; readonly at: number }>();

  function forgetOld(): void {
    for (const [id, { at }] of remembered) {
      if (remembered.size <= REMEMBERED_MAX && performance.now() - at < REMEMBER_MS) {
        return;
      }
      remembered.delete(id);
    }
  }

  return async (id: string, act: () => Promise<Result>): Promise<Result> => {
    const known = remembered.get(id);
    if (known !== undefined) {
      return known.result;
    }
    const result = act();
    remembered.set(id, { result, at: performance.now() });
    forgetOld();
    if (isUndone(await result)) {
      remembered.delete(id);
    }
    return result;
  };
}
