import { spread } from "../scripts/spread.ts";
import type { Round } from "./attack.ts";

type Row = [attack: string, figure: string, value: string];

/** What a run came to. */
export class Summary {
  readonly seed: string;
  readonly losses: string[] = [];
  readonly #leftOut: [attack: string, reason: string][] = [];
  readonly #started = Date.now();
  readonly #figures = new Map<
    string,
    { rounds: number; counts: Map<string, number>; samples: Map<string, number[]> }
  >();

  constructor(seed: string) {
    this.seed = seed;
  }

  add(attack: string, round: number, { counts, samples = {}, losses }: Round): void {
    const figures = this.#figures.get(attack) ?? { rounds: 0, counts: new Map(), samples: new Map() };
    this.#figures.set(attack, figures);
    figures.rounds += 1;
    for (const [name, times] of Object.entries(counts)) {
      figures.counts.set(name, (figures.counts.get(name) ?? 0) + times);
    }
    for (const [name, values] of Object.entries(samples)) {
      figures.samples.set(name, [...(figures.samples.get(name) ?? []), ...values]);
    }
    const again = `npm run torture -- --seed ${this.seed} --only ${attack} --round ${round}`;
    this.losses.push(...losses.map((loss) => `${attack}: ${loss} (${again})`));
  }

  /** An attack that can't be made here: it counts for nothing, and that is told. */
  leaveOut(attack: string, reason: string): void {
    this.#leftOut.push([attack, reason]);
  }

  /** "12:34", minutes and seconds since the start. */
  elapsed(): string {
    const seconds = Math.round((Date.now() - this.#started) / 1_000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  toMarkdown(): string {
    const rows = this.#rows().map(([attack, figure, value]) => `| ${attack} | ${figure} | ${value} |`);
    const losses = this.losses.map((loss) => `- ${loss}`);
    return [
      `Seed ${this.seed}, ${this.elapsed()} minutes.`,
      "",
      "| attack | figure | |",
      "|---|---|---|",
      ...rows,
      "",
      ...(losses.length === 0 ? ["Nothing was lost."] : ["LOST:", ...losses]),
    ].join("\n");
  }

  toJSON(): object {
    const figures = [...this.#figures].map(([attack, { rounds, counts, samples }]) => [
      attack,
      { rounds, counts: Object.fromEntries(counts), samples: Object.fromEntries(samples) },
    ]);
    const { seed, losses } = this;
    const leftOut = Object.fromEntries(this.#leftOut);
    return { seed, elapsed: this.elapsed(), attacks: Object.fromEntries(figures), leftOut, losses };
  }

  #rows(): Row[] {
    const made = [...this.#figures].flatMap(([attack, { rounds, counts, samples }]) => [
      [attack, "rounds", String(rounds)] as Row,
      ...[...counts].toSorted().map(([name, times]): Row => [attack, name, times.toLocaleString("en")]),
      ...[...samples].map(([name, values]): Row => [attack, name, spread(values)]),
    ]);
    const leftOut = this.#leftOut.map(([attack, why]): Row => [attack, "NOT MADE", why]);
    return [...made, ...leftOut];
  }
}
