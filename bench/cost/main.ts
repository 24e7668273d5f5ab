/**
 * `npm run bench:cost`: what Rollcall would cost on Cloudflare, and what a world of users would ask of it, from the last
 * results of `npm run bench` and the prices of bench/cost/prices.ts. In Markdown.
 *
 *     npm run bench:cost [RESULTS.json]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SHARDS } from "../../src/worker/objects/device-key.ts";
import type { Results } from "../report/results.ts";
import { markdownTable } from "../report/table.ts";
import { bytesPerUser, monthlyTable, WORLD, withDirectoryTable } from "./directory.ts";
import { billOfMillion, demandOf, type Limit, nearest, stored, total } from "./model.ts";
import { DEVICE_BYTES, LIMITS } from "./prices.ts";
import { usages } from "./usage.ts";

const [path = join(import.meta.dirname, "../results/results.json")] = process.argv.slice(2);
const results = readResults();
if (results === undefined) {
  console.error(`${path} can't be read: \`npm run bench\` writes it.`);
  process.exitCode = 2;
} else {
  console.log([...prices(results), ...withDirectory(results), ...world(results)].join("\n"));
}

function readResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Results;
  } catch {
    return undefined;
  }
}

function prices(measured: Results): string[] {
  const bills = usages(measured).map(({ name, usage }) => ({ name, bill: billOfMillion(usage) }));
  const parts = Object.keys(bills[0]?.bill ?? {}) as (keyof ReturnType<typeof billOfMillion>)[];
  const rows = bills.map(({ name, bill }) => [name, dollars(total(bill)), ...parts.map((part) => dollars(bill[part]))]);
  const storage = stored(1e6, bytesPerUser(measured));
  return [
    `# What a million costs, in dollars, by the ${measured.form} run of ${measured.date}`,
    "",
    ...markdownTable(["a million", "all", ...parts], rows),
    `A million users stored: ${dollars(storage.dollarsPerMonth)} a month (${amount(storage.bytes / 1e9)} GB).`,
    "",
  ];
}

function withDirectory(measured: Results): string[] {
  return [
    "# The same with a Directory",
    "",
    "Each event in a batch of its own, which is the most that it can cost.",
    "",
    ...withDirectoryTable(measured),
    `# A month of users with ${WORLD.devicesPerUser} devices each, whose apps register at each launch`,
    "",
    `${WORLD.launchesPerDevicePerDay} launch a day, and ${WORLD.newTokensPerDevicePerYear} new device tokens a year; what is stored is in it.`,
    "",
    ...monthlyTable(measured),
  ];
}

function world(measured: Results): string[] {
  const demand = demandOf(WORLD);
  const storage = stored(WORLD.users, bytesPerUser(measured));
  const monthOf = (step: string) => {
    const usage = usages(measured).find(({ name }) => name === step)?.usage;
    return usage === undefined ? Number.NaN : (total(billOfMillion(usage)) * demand.perMonth) / 1e6;
  };
  const limits = limitsOf(demand, measured);
  const memory = ((measured.atRest?.rollcall.memoryPer1000.median ?? Number.NaN) * demand.objectsAwake) / 1_000;
  return [
    `# ${amount(WORLD.users)} users with ${WORLD.devicesPerUser} devices each, which register once a week`,
    "",
    ...markdownTable(
      ["", ""],
      [
        ["registrations a second", amount(demand.perSecond)],
        [`the same, in the ${WORLD.releaseHours} hours of a release`, amount(demand.releasePerSecond)],
        ["objects awake then, at most", amount(demand.objectsAwake)],
        ["their memory, as workerd's here", `${amount(memory / 1e9)} GB`],
        ["stored", `${amount(storage.bytes / 1e12)} TB`],
        ["dollars a month, storage", dollars(storage.dollarsPerMonth)],
        ["dollars a month, calls, each a replay that writes nothing", dollars(monthOf("replays"))],
        [
          "dollars a month, calls, each of a new device token that writes a row",
          dollars(monthOf("registrations, returning users")),
        ],
      ],
    ),
    ...markdownTable(
      ["limit", "asked", "allowed", "part of it"],
      limits.map(({ name, asked, allowed }) => [name, amount(asked), amount(allowed), percent(asked / allowed)]),
    ),
    `Met first: ${nearest(limits)?.name}.`,
  ];
}

function limitsOf({ releasePerSecond, releaseCalls }: ReturnType<typeof demandOf>, measured: Results): Limit[] {
  const { limit, period } = callerRate();
  return [
    {
      name: "calls a second of one caller in one location, where a single back end calls for all (our own, wrangler.toml)",
      asked: releasePerSecond,
      allowed: limit / period,
    },
    {
      name: "log lines of an account a day, one a call (Cloudflare's)",
      asked: releaseCalls,
      allowed: LIMITS.logLinesPerDay,
    },
    {
      name: "calls a second of one object, all devices of a user at once (Cloudflare's, soft)",
      asked: WORLD.devicesPerUser,
      allowed: LIMITS.objectPerSecond,
    },
    {
      name: "calls a second of one of the Directory's objects, with DEVICES (Cloudflare's, soft)",
      asked: releasePerSecond / SHARDS.length,
      allowed: LIMITS.objectPerSecond,
    },
    {
      name: "bytes of one of the Directory's objects, with DEVICES (Cloudflare's)",
      asked: (WORLD.users * WORLD.devicesPerUser * DEVICE_BYTES) / SHARDS.length,
      allowed: LIMITS.objectBytes,
    },
    { name: "bytes of one object (Cloudflare's)", asked: bytesPerUser(measured), allowed: LIMITS.objectBytes },
  ];
}

function callerRate(): { limit: number; period: number } {
  const toml = readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8");
  const [, limit, period] = /^simple = \{ limit = (\d+), period = (\d+) \}$/m.exec(toml) ?? [];
  return { limit: Number(limit), period: Number(period) };
}

function dollars(value: number): string {
  return `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: value < 1 ? 4 : 2 })}`;
}

function amount(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

function percent(part: number): string {
  return `${(part * 100).toLocaleString("en", { maximumSignificantDigits: 2 })} %`;
}
