/** When to try again what has failed so many times: after a second, doubled each time, and an hour at the most. */
export function retryAt(failures: number, now: number): number {
  return now + Math.min(FIRST_MS * 2 ** failures, LAST_MS);
}

const FIRST_MS = 1_000;
const LAST_MS = 60 * 60 * 1_000;
