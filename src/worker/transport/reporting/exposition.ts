/**
 * Numbers as Prometheus reads them, in its text format: every scraper reads that one, and `promtool` checks it.
 * Source: prometheus.io/docs/instrumenting/exposition_formats
 */

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: Iterable<Sample>;
}

export interface Sample {
  /** What stands behind the family's name: "_bucket". */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

export type Labels = Readonly<Record<string, string | number>>;

export function exposition(families: readonly Family[]): string {
  return families.map(familyText).join("");
}

function familyText({ name, help, type, samples }: Family): string {
  const lines = Array.from(
    samples,
    ({ suffix = "", labels = {}, value }) => `${name}${suffix}${labelsText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/** Values are names of ours, or of principals: a quote in one would end it early. */
function labelsText(labels: Labels): string {
  const texts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}

/** One number that only grows, for each combination of its labels. */
export class Counter implements Family {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #values = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(name: string, help: string, labels?: Labels) {
    this.name = name;
    this.help = help;
    if (labels !== undefined) {
      // There from the start, so that its first increase is seen as one.
      this.add(0, labels);
    }
  }

  add(value: number, labels: Labels = {}): void {
    const key = Object.values(labels).join("\n");
    const known = this.#values.get(key);
    if (known === undefined) {
      this.#values.set(key, { labels, value });
    } else {
      known.value += value;
    }
  }

  get samples(): Iterable<Sample> {
    return this.#values.values();
  }
}

/** How often a value was as much as each bound, or less, for each combination of its labels. */
export class Histogram implements Family {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #values = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
  }

  observe(value: number, labels: Labels): void {
    const key = Object.values(labels).join("\n");
    let known = this.#values.get(key);
    if (known === undefined) {
      known = { labels, counts: Array(this.#bounds.length + 1).fill(0), sum: 0 };
      this.#values.set(key, known);
    }
    const bound = this.#bounds.findIndex((bound) => value <= bound);
    const place = bound < 0 ? this.#bounds.length : bound;
    known.counts[place] = (known.counts[place] ?? 0) + 1;
    known.sum += value;
  }

  get samples(): Iterable<Sample> {
    return Array.from(this.#values.values()).flatMap(({ labels, counts, sum }) => {
      let count = 0;
      const buckets = counts.map((more, n) => {
        count += more;
        return { suffix: "_bucket", labels: { ...labels, le: this.#bounds[n] ?? "+Inf" }, value: count };
      });
      return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: count }];
    });
  }
}
