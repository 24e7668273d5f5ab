import { thousands } from "../../command/progress.ts";

/** What became of an endpoint. */
export type Outcome =
  | { readonly kind: "registered" | "already_there" }
  | { readonly kind: "left_out" | "failed"; readonly why: string };

/** How many, and where the first of them are. */
interface Counted {
  count: number;
  readonly lines: number[];
}

/** What became of all, in little room however many there are. It is kept as JSON. */
export interface Tally {
  read: number;
  registered: number;
  already_there: number;
  readonly left_out: Record<string, Counted>;
  readonly failed: Record<string, Counted>;
}

const LINES_NAMED_MAX = 5;

export function emptyTally(): Tally {
  return { read: 0, registered: 0, already_there: 0, left_out: {}, failed: {} };
}

export function count(tally: Tally, line: number, outcome: Outcome): void {
  tally.read++;
  if (!("why" in outcome)) {
    tally[outcome.kind]++;
    return;
  }
  const reasons = tally[outcome.kind];
  reasons[outcome.why] ??= { count: 0, lines: [] };
  const counted = reasons[outcome.why] as Counted;
  counted.count++;
  if (counted.lines.length < LINES_NAMED_MAX) {
    counted.lines.push(line);
  }
}

export function countOf(reasons: Readonly<Record<string, Counted>>): number {
  return Object.values(reasons).reduce((sum, { count }) => sum + count, 0);
}

/** What is printed in the end. */
export function report(tally: Tally, isDryRun: boolean): string {
  const { read, registered, already_there: alreadyThere } = tally;
  return [
    `${thousands(read)} endpoints read.${isDryRun ? " Nothing was called." : ""}`,
    `${column(registered)} ${isDryRun ? "would be registered, unless the server has them already" : "registered"}`,
    ...(isDryRun ? [] : [`${column(alreadyThere)} already there`]),
    `${column(countOf(tally.left_out))} left out`,
    ...reasonsOf(tally.left_out),
    `${column(countOf(tally.failed))} failed`,
    ...reasonsOf(tally.failed),
  ].join("\n");
}

export function soFar({ read, left_out, failed }: Tally): string {
  return `${thousands(read)} endpoints read, ${thousands(countOf(left_out))} left out, ${thousands(countOf(failed))} failed`;
}

function reasonsOf(reasons: Readonly<Record<string, Counted>>): string[] {
  return Object.entries(reasons).map(([why, { count, lines }]) => {
    const more = count > lines.length ? ", …" : "";
    return `${column(count)}   ${why} (line${count === 1 ? "" : "s"} ${lines.join(", ")}${more})`;
  });
}

function column(count: number): string {
  return thousands(count).padStart(12);
}
