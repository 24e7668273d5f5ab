/** Dollars, and what a world of users would ask of the platform: arithmetic alone. */
import { AWAKE_SECONDS, EMPTY_DATABASE_BYTES, OBJECT_GB, PRICES } from "./prices.ts";

/** What one call uses. */
export interface Usage {
  readonly cpuMillis: number;
  readonly objectCalls: number;
  /** How long objects are active for it, all together. */
  readonly objectMillis: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly logLines: number;
}

/** Dollars for a million calls, by what they are for; the values sum up to the whole. */
export type Bill = Readonly<Record<keyof typeof PARTS, number>>;

/** A million of calls that use one each of something cost the price of a million of it. */
const PARTS = {
  requests: (_: Usage) => PRICES.workerRequestsMillion,
  "CPU time": ({ cpuMillis }: Usage) => cpuMillis * PRICES.cpuMillisMillion,
  "object calls": ({ objectCalls }: Usage) => objectCalls * PRICES.objectRequestsMillion,
  "object time": ({ objectMillis }: Usage) => (objectMillis / 1_000) * OBJECT_GB * PRICES.gbSecondsMillion,
  "rows read": ({ rowsRead }: Usage) => rowsRead * PRICES.rowsReadMillion,
  "rows written": ({ rowsWritten }: Usage) => rowsWritten * PRICES.rowsWrittenMillion,
  "log lines": ({ logLines }: Usage) => logLines * PRICES.logLinesMillion,
} as const;

export function billOfMillion(usage: Usage): Bill {
  return Object.fromEntries(Object.entries(PARTS).map(([name, price]) => [name, price(usage)])) as Bill;
}

export function total(bill: Bill): number {
  return Object.values(bill).reduce((sum, dollars) => sum + dollars, 0);
}

/** What users take who are stored, with databases of so many bytes on this machine: never less than an empty one there. */
export function stored(users: number, bytesPerUser: number): { bytes: number; dollarsPerMonth: number } {
  const bytes = users * Math.max(bytesPerUser, EMPTY_DATABASE_BYTES);
  return { bytes, dollarsPerMonth: (bytes / 1e9) * PRICES.storedGbMonth };
}

export interface World {
  readonly users: number;
  readonly devicesPerUser: number;
  readonly registrationsPerDevicePerWeek: number;
  /** Where apps register at each launch; the first of a week writes a row. */
  readonly launchesPerDevicePerDay: number;
  readonly newTokensPerDevicePerYear: number;
  /** In which every device registers once, after an app was released. */
  readonly releaseHours: number;
}

export interface Demand {
  readonly perMonth: number;
  readonly perSecond: number;
  /** While the release goes round. */
  readonly releasePerSecond: number;
  /** At most: two devices of a user seldom call within the time that their object stays awake. */
  readonly objectsAwake: number;
  readonly releaseCalls: number;
}

const DAY_SECONDS = 24 * 3_600;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const MONTH_SECONDS = (365.25 / 12) * DAY_SECONDS;

export function demandOf({ users, devicesPerUser, registrationsPerDevicePerWeek, releaseHours }: World): Demand {
  const releaseCalls = users * devicesPerUser;
  const perSecond = (releaseCalls * registrationsPerDevicePerWeek) / WEEK_SECONDS;
  const releasePerSecond = releaseCalls / (releaseHours * 3_600);
  return {
    perMonth: perSecond * MONTH_SECONDS,
    perSecond,
    releasePerSecond,
    objectsAwake: releasePerSecond * AWAKE_SECONDS,
    releaseCalls,
  };
}

/** What devices do in a month whose apps register at each launch. */
export interface Month {
  /** That write nothing. */
  readonly launches: number;
  readonly writingLaunches: number;
  readonly newTokens: number;
}

export function monthOf({ users, devicesPerUser, launchesPerDevicePerDay, newTokensPerDevicePerYear }: World): Month {
  const devices = users * devicesPerUser;
  const days = MONTH_SECONDS / DAY_SECONDS;
  const perDay = launchesPerDevicePerDay;
  const writingLaunches = devices * (days / 7) * Math.min(1, perDay * 7);
  const newTokens = (devices * newTokensPerDevicePerYear) / 12;
  return { launches: devices * days * perDay - writingLaunches, writingLaunches, newTokens };
}

export interface Limit {
  readonly name: string;
  readonly asked: number;
  readonly allowed: number;
}

/** The one that is met first as the world grows. */
export function nearest(limits: readonly Limit[]): Limit | undefined {
  return limits.toSorted((a, b) => b.asked / b.allowed - a.asked / a.allowed)[0];
}
