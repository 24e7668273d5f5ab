import type { CallResult } from "../calls/rounds.ts";

/** The number of connections that most rounds have, and of several the one that is nearest to 8. */
export function usualConnections(calls: readonly CallResult[]): number | undefined {
  const [usual] = calls.toSorted(
    (a, b) => b.rounds - a.rounds || Math.abs(a.connections - 8) - Math.abs(b.connections - 8),
  );
  return usual?.connections;
}
