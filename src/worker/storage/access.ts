/** Access to the storage of an object: what it throws is told apart from bugs. */

/** A row was written by a release that is newer than this one. */
export class NewerRowError extends Error {
  override readonly name = "NewerRowError";
}

/** The storage could not be read or written: nothing was changed. The message is the runtime's, and names no value. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** Does something with the storage, and nothing of ours. Throws StorageError. */
export function attempt<Result>(access: () => Result): Result {
  try {
    return access();
  } catch (error) {
    throw storageError(error);
  }
}

/** Does something in one step, all of it or nothing. Throws StorageError where that fails, and what the step threw. */
export function inOneStep<Result>(storage: DurableObjectStorage, step: () => Result): Result {
  let thrown: { readonly error: unknown } | undefined;
  try {
    return storage.transactionSync(() => {
      try {
        return step();
      } catch (error) {
        thrown = { error };
        throw error;
      }
    });
  } catch (error) {
    throw thrown?.error ?? storageError(error);
  }
}

/** Throws NewerRowError if this release can't read the layout of a row. */
export function checkVersion(version: number, latest: number): void {
  if (version > latest) {
    throw new NewerRowError(`a row has version ${version}; this release reads versions up to ${latest}`);
  }
}

function storageError(error: unknown): StorageError {
  return new StorageError(error instanceof Error ? error.message : String(error), { cause: error });
}
