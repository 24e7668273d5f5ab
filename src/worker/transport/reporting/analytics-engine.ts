import type { Count, Told } from "./report.ts";

/** Workers Analytics Engine, as far as it is used. */
export type Dataset = Pick<AnalyticsEngineDataset, "writeDataPoint">;

type Columns<Value> = readonly (readonly [name: string, of: (told: Told) => Value])[];

/**
 * The columns of a data point, which are known by their place alone: blob1, blob2, …, double1, … So a new one goes to the end, and none
 * is ever taken away. docs/monitoring.md has a table of them.
 */
export const BLOBS: Columns<string> = [
  ["wire", ({ wire }) => wire],
  ["kind", ({ kind }) => kind],
  ["reason", ({ reason }) => reason],
  ["status", ({ status }) => String(status)],
  ["replayed", ({ replayed }) => String(replayed)],
  ["principal", ({ principal = "none" }) => principal],
  ["adopted", ({ adopted }) => String(adopted)],
];

export const DOUBLES: Columns<number> = [
  ["ms", ({ ms }) => ms],
  ["retries", ({ retries }) => retries],
  ["users", ({ users = 0 }) => users],
  ["endpoints", ({ endpoints = 0 }) => endpoints],
  ["errors", ({ errors = 0 }) => errors],
  ["moved", ({ moved }) => moved],
  ["bugs", ({ bugs = 0 }) => bugs],
  ["unreached", ({ unreached = 0 }) => unreached],
];

/** Counts requests in a dataset. What Analytics Engine samples by, where there are too many, is the operation. */
export function countIn(dataset: Dataset): Count {
  return (told) =>
    dataset.writeDataPoint({
      indexes: [told.operation],
      blobs: BLOBS.map(([, of]) => of(told)),
      doubles: DOUBLES.map(([, of]) => of(told)),
    });
}
