/**
 * Cloudflare's published prices and limits of the Workers Paid plan, as read on 2026-11-24, in US dollars, partly from
 * older copies of the pages: look again before you promise one. What the plan includes is left out, because the model is
 * of what one more costs. Sources:
 *
 * - developers.cloudflare.com/workers/platform/pricing and /workers/platform/limits
 * - developers.cloudflare.com/durable-objects/platform/pricing, /platform/limits and /reference/faq
 * - developers.cloudflare.com/workers/observability/logs/workers-logs
 */
export const PRICES = {
  workerRequestsMillion: 0.3,
  /** Of the Worker. An object's are not billed, its duration is. */
  cpuMillisMillion: 0.02,
  objectRequestsMillion: 0.15,
  /** Gigabytes of memory times seconds; an object that is active counts as OBJECT_GB, and one that could sleep as nothing. */
  gbSecondsMillion: 12.5,
  rowsReadMillion: 0.001,
  rowsWrittenMillion: 1,
  storedGbMonth: 0.2,
  logLinesMillion: 0.6,
} as const;

/** What each object is billed for, whatever it takes: 128 MB. */
export const OBJECT_GB = 0.128;

/** What a database takes that is empty, by Cloudflare's own account: more than the file that workerd writes. */
export const EMPTY_DATABASE_BYTES = 12_000;

/** What a device takes in the Directory: docs/configuration.md. */
export const DEVICE_BYTES = 250;

/** How long an object stays in memory after its last call, billed or not. */
export const AWAKE_SECONDS = 10;

/** Requests, objects, and bytes of an account have no limit on this plan. */
export const LIMITS = {
  /** Calls of one object; soft. */
  objectPerSecond: 1_000,
  /** Of one object. */
  objectBytes: 10e9,
  /** Of an account; beyond it one line in a hundred is kept. */
  logLinesPerDay: 5e9,
} as const;
