import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SKEW_MAX_MS } from "../../src/worker/auth/sigv4/verify.ts";
import * as limits from "../../src/worker/model/limits.ts";
import { SHARDS } from "../../src/worker/objects/device-key.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/limits.md"), "utf8");

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const KIB = 1_024;

/** What a row begins with, and the numbers of the code that it names, in their order. Others may stand between them. */
const ROWS: readonly (readonly [row: string, ...numbers: number[]])[] = [
  ["endpoints per user", limits.ENDPOINTS_PER_USER_DEFAULT, limits.ENDPOINTS_PER_USER_MAX],
  [
    "calls of one operation for one user",
    ...[limits.OPERATION_RATE_PER_SECOND_DEFAULT, limits.OPERATION_BURST_DEFAULT],
  ],
  ["devices that are new to a user", limits.DEVICES_PER_DAY],
  ["a batch of [events]", limits.EVENTS_PER_BATCH, limits.EVENTS_BATCH_MAX_BYTES / KIB],
  [
    "events that wait for their receiver",
    ...[limits.EVENTS_KEPT_MS / DAY_MS, limits.EVENTS_PER_SHARD_MAX, SHARDS.length],
  ],
  ["waiting for the receiver", limits.EVENTS_ANSWER_MAX_MS / 1_000, limits.EVENTS_FIRST_RETRY_MS / 1_000],
  ["endpoints on one page of an app instance's list", limits.PAGE_HOLDINGS_MAX],
  ["users of one device", limits.LOOKED_UP_MAX, limits.PAGE_HOLDINGS_MAX],
  ["calls by one caller", 1_000, limits.CALLER_RATE_PERIOD_MS / 1_000],
  ["calls about many users", limits.BATCHES_PER_CALLER_DEFAULT, limits.CALLER_RATE_PERIOD_MS / 1_000],
  ["users in one resolve", limits.BATCH_MAX],
  ["failures in one report", limits.BATCH_MAX],
  ["answer of a resolve", limits.BATCH_ANSWER_MAX_BYTES / KIB / KIB],
  ["how exactly", limits.CONFIRMATION_LIFETIME_MS / DAY_MS],
  ["endpoints of one user that are deregistered", ...[limits.DEREGISTRATIONS_FREE_MAX, limits.REGISTRATIONS_AFTER_MAX]],
  ["body of a request", limits.BODY_MAX_BYTES / KIB],
  ["endpoints on one page of a list", limits.PAGE_ENDPOINTS_MAX],
  ["how long a request token is remembered", limits.TOMBSTONE_LIFETIME_MS / DAY_MS / (1 / 24)],
  ["age of a signature", SKEW_MAX_MS / MINUTE_MS],
];

const CASES = ROWS.map(([row, ...numbers]) => ({ row, numbers }));

it.each(CASES)("the page on limits has the numbers of the code: $row", ({ row, numbers }) => {
  const [, limit] =
    page
      .split("\n")
      .find((line) => line.startsWith(`| ${row}`))
      ?.split("|")
      .slice(1) ?? [];
  const told = limit
    ?.replaceAll(/\]\([^)]*\)/g, "")
    .match(/\d[\d,]*/g)
    ?.map((text) => Number(text.replaceAll(",", "")));
  let at = -1;
  for (const number of numbers) {
    at = told?.indexOf(number, at + 1) ?? -1;
    expect(at, `${number} in ${told}`).toBeGreaterThan(-1);
  }
});

it("the page on limits does the sum by which a user's rows never fill up", () => {
  const { ENDPOINTS_PER_USER_MAX, DEREGISTRATIONS_FREE_MAX, REGISTRATIONS_AFTER_MAX, ROWS_PER_USER_MAX } = limits;
  expect(page).toContain(`${ENDPOINTS_PER_USER_MAX} endpoints, the
highest number that can be configured, ${DEREGISTRATIONS_FREE_MAX}, and 24 × ${REGISTRATIONS_AFTER_MAX}`);
  expect(ENDPOINTS_PER_USER_MAX + DEREGISTRATIONS_FREE_MAX + 24 * REGISTRATIONS_AFTER_MAX).toBe(ROWS_PER_USER_MAX);
});
