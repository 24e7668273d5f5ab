/** One way of attacking the built Worker on bare workerd. */
export interface Attack {
  readonly name: string;
  /** How many rounds its short form has. */
  readonly shortRounds: number;
  /** Its part of a long run, against the others'. */
  readonly weight: number;
  /** Why this machine can't do it, if so. */
  readonly unfit?: () => string | undefined;
  /** One round. What it does is decided by its seed; when exactly things meet, by the machine. */
  readonly round: (seed: string, bundle: string) => Promise<Round>;
}

/** What a round comes to. */
export interface Round {
  /** How often something was done or seen. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was measured, with its unit in its name. */
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  /** Broken promises, a sentence each. None is what is expected. */
  readonly losses: readonly string[];
}

/** Counts up. */
export class Tally {
  readonly counts: Record<string, number> = {};

  add(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }
}
