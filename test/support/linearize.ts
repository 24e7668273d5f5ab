/** A call that was made at the same time as others. */
export interface Observed<State> {
  /** Plays it on a state, which it changes, and tells what comes of it there. */
  readonly play: (state: State) => string;
  /** What came of it; undefined if no answer came, so that it took effect or did not. */
  readonly told: string | undefined;
}

interface Copyable {
  copy(): this;
  /** The same for states that nothing tells apart. */
  key(): string;
}

/**
 * The states in which a register may be after calls that were made at the same time, given those in which it may have
 * been before: one for each order of the calls that explains every answer. None, if no order does.
 */
export function linearize<State extends Copyable>(
  before: readonly State[],
  calls: readonly Observed<State>[],
): State[] {
  const ends = new Map<string, State>();
  const seen = new Set<string>();
  const visit = (state: State, left: readonly Observed<State>[]) => {
    const place = `${left.map((call) => calls.indexOf(call))} ${state.key()}`;
    if (seen.has(place)) {
      return;
    }
    seen.add(place);
    if (left.every(({ told }) => told === undefined)) {
      ends.set(state.key(), state);
    }
    for (const call of left) {
      const next = state.copy();
      const told = call.play(next);
      if (call.told === undefined ? told !== IMPOSSIBLE : told === call.told) {
        visit(
          next,
          left.filter((other) => other !== call),
        );
      }
    }
  };
  for (const state of before) {
    visit(state, calls);
  }
  return [...ends.values()];
}

/** What `play` tells where a call without an answer can't have taken effect. */
export const IMPOSSIBLE = "impossible";
