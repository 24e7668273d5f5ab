/** Whether a figure stays as it is, told from its course. */
import { type Quartiles, quartiles } from "../../../scripts/spread.ts";

export interface Trend {
  readonly first: Quartiles;
  readonly last: Quartiles;
  /** By Theil and Sen: the median of the slopes between every two points, which a few that stand out do not move. */
  readonly perHour: number;
  /** The median of the last sixth to that of the first. */
  readonly ratio: number;
}

export interface Point {
  readonly atSeconds: number;
  readonly value: number;
}

/** The first and the last sixth of a run are compared. */
const PARTS = 6;

export function trendOf(points: readonly Point[]): Trend {
  const count = Math.ceil(points.length / PARTS);
  const values = (some: readonly Point[]) => quartiles(some.map(({ value }) => value));
  const [first, last] = [values(points.slice(0, count)), values(points.slice(-count))];
  const slopes = points.flatMap((from, n) =>
    points.slice(n + 1).map((to) => (to.value - from.value) / (to.atSeconds - from.atSeconds)),
  );
  return {
    first,
    last,
    perHour: (slopes.length === 0 ? 0 : quartiles(slopes).median) * 3_600,
    ratio: last.median / first.median,
  };
}

/** What may come and go without a reason, as a part and in itself: of a few files or threads one more is much. */
export interface Tolerance {
  readonly part: number;
  readonly least: number;
}

/** By more than is tolerated, and by more than the spread of either sixth. */
export function grows({ first, last, ratio }: Trend, { part, least }: Tolerance): boolean {
  return ratio > 1 + part && last.median - first.median > least && last.lower > first.upper;
}
