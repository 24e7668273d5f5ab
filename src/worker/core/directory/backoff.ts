/** When to try again what has failed so many times before: after a second, doubled each time, and an hour at the most. */
export function retryAt(failures: number, now: number, firstMs = FIRST_MS): number {
  return now + Math.min(firstMs * 2 ** failures, LAST_MS);
}

const FIRST_MS = 1_000;
const LAST_MS = 60 * 60 * 1_000;
