/** How often a run says how far it is. */
const SAY_EVERY_MS = 5_000;

/** Says on standard error how far a run is, until the function that is returned is called. */
export function sayProgress(soFar: () => string): () => void {
  const timer = setInterval(() => console.error(soFar()), SAY_EVERY_MS);
  return () => clearInterval(timer);
}

export function thousands(count: number): string {
  return count.toLocaleString("en-US");
}
