/** What a Directory and events add, in dollars: the tables that docs/deploying.md has, too. */
import { markdownTable } from "../report/table.ts";
import { billOfMillion, monthOf, stored, total, type World } from "./model.ts";
import { DEVICE_BYTES, PRICES } from "./prices.ts";
import { type Measured, usagesOfSenders, type With } from "./usage.ts";

/** A billion users whose devices come back every week, or each day, and an app release that brings all of them at once. */
export const WORLD: World = {
  ...{ users: 1e9, devicesPerUser: 1.3, registrationsPerDevicePerWeek: 1, releaseHours: 6 },
  ...{ launchesPerDevicePerDay: 1, newTokensPerDevicePerYear: 4 },
};

const USERS = [1e5, 1e6, 1e8, WORLD.users];

const CONFIGURATIONS: readonly With[] = ["nothing", "DEVICES", "events too"];

const HEAD = ["without", "with `DEVICES`", "with events too, at most"];

/** Dollars for a million calls. */
export function withDirectoryTable(measured: Measured): string[] {
  const bills = CONFIGURATIONS.map((given) =>
    usagesOfSenders(measured, given).map(({ usage }) => billOfMillion(usage)),
  );
  const names = usagesOfSenders(measured, "nothing").map(({ name }) => name);
  return markdownTable(
    ["a million", ...HEAD],
    names.map((name, n) => [name, ...bills.map((bill) => (bill[n] === undefined ? "" : about(total(bill[n]))))]),
  );
}

/** Dollars for a month of apps that register at each launch. */
export function monthlyTable(measured: Measured): string[] {
  const rows = USERS.map((users) => {
    const [without = 0, ...more] = CONFIGURATIONS.map((given) => monthOfUsers({ ...WORLD, users }, given, measured));
    return [users.toLocaleString("en"), about(without), ...more.map((each) => `+ ${about(each - without)}`)];
  });
  return markdownTable(["users", ...HEAD], rows);
}

function monthOfUsers(of: World, given: With, measured: Measured): number {
  const { launches, writingLaunches, newTokens } = monthOf(of);
  const used = usagesOfSenders(measured, given);
  const costOf = (name: string, calls: number) => {
    const usage = used.find((each) => each.name === name)?.usage;
    return usage === undefined ? Number.NaN : (total(billOfMillion(usage)) * calls) / 1e6;
  };
  const inDirectory = given === "nothing" ? 0 : of.users * of.devicesPerUser * DEVICE_BYTES;
  return (
    costOf("launches that confirm a token, of users who sleep", launches) +
    costOf("launches that write it, as each week's first", writingLaunches) +
    costOf("updates with another token", newTokens) +
    stored(of.users, bytesPerUser(measured)).dollarsPerMonth +
    (inDirectory / 1e9) * PRICES.storedGbMonth
  );
}

export function bytesPerUser({ atRest }: Measured): number {
  return atRest?.rollcall.bytesPerUser.median ?? Number.NaN;
}

/** In two digits: more of them would be a machine's. */
function about(dollars: number): string {
  return `$${Number(dollars.toPrecision(2)).toLocaleString("en")}`;
}
