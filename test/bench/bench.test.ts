/** The smallest form of the benchmark: it shows that everything is still measured, and nothing of how fast it is. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STEPS } from "../../bench/calls/steps.ts";
import { bareWire, restWire } from "../../bench/calls/wires.ts";
import { canSlowDisk } from "../../bench/load/slow-disk.ts";
import { CASES, PARTS, type Part } from "../../bench/options.ts";
import type { Results } from "../../bench/report/results.ts";
import { toMarkdown } from "../../bench/report/table.ts";

const BENCH = join(import.meta.dirname, "../../bench");
/** What is measured beside the calls, and at the same time: most of either is a wait for objects to go to sleep. */
const BESIDE: readonly Part[] = ["senders", "disk"];

const WIRES = ["REST, SigV4", "Connect JSON, JWT", "Connect binary, JWT"];

function run(script: string, ...args: string[]) {
  return promisify(execFile)(process.execPath, [join(BENCH, script), ...args]);
}

async function measured(cases: readonly string[], out: string): Promise<Results> {
  await run("main.ts", "--smallest", "--out", out, ...cases.flatMap((name) => ["--only", name]));
  return JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
}

// CPU time and memory are what Linux accounts to a process.
describe.skipIf(process.platform !== "linux")("the benchmark", () => {
  let out: string;
  let results: Results;
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    const rest = [...CASES.map(({ name }) => name), ...PARTS.filter((part) => !BESIDE.includes(part))];
    const both = [measured(BESIDE, join(out, "beside")), measured(rest, out)] as const;
    // If one of them fails, the other ends its servers before that is told.
    await Promise.allSettled(both);
    const [beside, own] = await Promise.all(both);
    results = { ...beside, ...own };
    writeFileSync(join(out, "results.json"), JSON.stringify(results));
  }, 600_000);
  afterAll(() => rmSync(out, { recursive: true }));

  it.each(STEPS)("compares $name on every wire with its baseline", ({ name, call, baseline }) => {
    const measured = results.calls.filter(({ step }) => step === name);
    const bare = call in bareWire(restWire("")) ? ["bare, REST", "bare, JSON", "bare, binary"] : [];
    expect(measured.map(({ wire }) => wire).sort()).toEqual([baseline, ...bare, ...WIRES].sort());
    for (const { ratios, figures } of measured) {
      expect(ratios.cpuMicros?.median).toBeGreaterThan(0);
      expect(figures.perSecond?.median).toBeGreaterThan(0);
      expect(figures.p99Millis?.median).toBeGreaterThanOrEqual(figures.p50Millis?.median ?? Number.NaN);
    }
    const toBare = measured.filter(
      ({ toBare }) => (toBare?.cpuMicros.mean ?? 0) > 0 && (toBare?.perSecond.median ?? 0) > 0,
    );
    expect(toBare.map(({ wire }) => wire).sort()).toEqual(bare.length === 0 ? [] : [...WIRES].sort());
  });

  it.each(["throttled-by-object", "throttled-by-worker"])("compares %s over REST with hello-world", (name) => {
    const wires = results.calls.filter(({ step }) => step === name).map(({ wire }) => wire);
    expect(wires.sort()).toEqual(["REST, SigV4", "hello"]);
  });

  it("finds one row for each registration, as long as the floor's, and none for a replay", () => {
    expect(results.atRest?.rollcall.rowsPerUser).toEqual({ lower: 2, median: 2, upper: 2 });
    expect(results.atRest?.floor.rowsPerUser).toEqual({ lower: 2, median: 2, upper: 2 });
    expect(results.atRest?.rollcall.bytesPerUser).toEqual(results.atRest?.floor.bytesPerUser);
  });

  it("compares resolves and reports of many users with calls about each, and an app's launches with registrations", () => {
    const measured = results.senders?.variants[0]?.results ?? [];
    expect(measured.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["new", "resolve 1, unknown", "resolve 100", "rotate", "take"]),
    );
    expect(measured.every(({ ratio, p50Millis }) => ratio.median > 0 && p50Millis.median > 0)).toBe(true);
    const resolve = measured.find(({ name }) => name === "resolve 100");
    expect(resolve?.ratio.median).toBeLessThan(1);
  });

  it("compares each of these calls with a Directory, and with events, with the same without, and that with itself", () => {
    const [without, ...others] = results.senders?.variants ?? [];
    const whole = without?.results.map(({ name }) => name);
    const registrations = ["new", "register"];
    expect(others.map(({ name, results }) => [name, results.map(({ name }) => name)])).toEqual([
      ["without, again", whole],
      ["bare steps", registrations],
      ["bare steps, and a row in a second object", registrations],
      ["DEVICES=move", whole],
      ["DEVICES=move, and events", whole],
    ]);
    for (const other of others) {
      expect(other.results.every(({ toWithout: { median, mean } }) => median > 0 && mean > 0)).toBe(true);
    }
  });

  it("measures how long a device that has moved wakes its former user", () => {
    const { moves } = results;
    expect(moves?.perSecond).toBeGreaterThan(0);
    expect(moves?.results).toHaveLength(2);
    for (const { registerMillis, goneMillis, moves: played } of moves?.results ?? []) {
      expect(played).toBeGreaterThan(0);
      expect(registerMillis.p50).toBeGreaterThan(0);
      expect(goneMillis.p99).toBeGreaterThanOrEqual(goneMillis.p50);
    }
  });

  it("measures what users wait for in a burst", () => {
    expect(results.burst?.results.map(({ times }) => times)).toEqual([2]);
    expect(results.burst?.results.every(({ users, waitMillis }) => users > 0 && waitMillis.p50 > 0)).toBe(true);
    expect(readFileSync(join(out, "burst.svg"), "utf8")).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("soaks a server and its gateway by every wire, with every call answered as it should be", () => {
    const { unexpected, byWay, calls = 0, samples = [] } = results.soak ?? {};
    expect(unexpected).toEqual({});
    expect(Object.keys(byWay ?? {})).toHaveLength(4);
    expect(calls).toBeGreaterThan(20);
    expect(samples.length).toBeGreaterThan(5);
    for (const { workerd, gateway, cpuMicros } of samples) {
      expect([workerd, gateway].flatMap(Object.values).every((held) => held > 0)).toBe(true);
      expect(cpuMicros).toBeGreaterThan(0);
    }
    const kept = samples.flatMap((sample) => sample.kept ?? []);
    expect(kept.at(-1)?.users).toBeGreaterThanOrEqual(200);
    expect(readFileSync(join(out, "soak.svg"), "utf8")).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("measures the start, and growth on stores that were made offline", () => {
    expect(results.startup?.startMillis.rollcall.median).toBeGreaterThan(0);
    expect(results.growth?.map(({ users }) => users)).toContain(200);
    expect(results.growth?.every(({ cpuRatio }) => cpuRatio.median > 0)).toBe(true);
  });

  it("measures calls by a session against calls by an access key", () => {
    const ratios = results.sessions?.map(({ call, cpuRatio }) => [call, cpuRatio.median > 0]);
    expect(ratios).toContainEqual(["list, by a session", true]);
  });

  it.skipIf(!canSlowDisk())("measures registrations on a disk that takes a millisecond longer over each sync", () => {
    const slower = results.disks?.find(({ laterMillis }) => laterMillis === 1)?.calls ?? [];
    expect(slower.map(({ wire }) => wire)).toEqual(expect.arrayContaining(["floor", ...WIRES]));
    for (const { figures } of slower) {
      // One thread waits for a sync at least for each of them.
      expect(figures.perSecond?.median).toBeLessThan(1_000);
    }
  });

  it("writes a table, and a plot that is well-formed", () => {
    const row = "| register, new users | REST, SigV4 | floor |";
    expect(readFileSync(join(out, "README.md"), "utf8")).toContain(row);
    expect(toMarkdown(results)).toContain(row);
    const svg = readFileSync(join(out, "cpu.svg"), "utf8");
    expect(svg).not.toMatch(/NaN|undefined/);
    expect(svg.match(/<rect /g)?.length).toBeGreaterThan(STEPS.length * WIRES.length);
  });

  it("has its results priced", async () => {
    const { stdout } = await run("cost/main.ts", join(out, "results.json"));
    expect(stdout).toContain("| registrations, new users | $");
    expect(stdout).toContain("| resolves of 100 users | $");
    expect(stdout).toMatch(/\| updates with another token \| (\$[\d.]+ \| ){3}/);
    expect(stdout).toMatch(/\| 1,000,000,000 \| \$[\d,]+ \| \+ \$[\d,]+ \| \+ \$[\d,]+ \|/);
    expect(stdout).toMatch(/Met first: \S/);
    expect(stdout).not.toMatch(/NaN|undefined/);
  });
});

describe("the benchmark's arguments", () => {
  it.each([[["--only", "nothing"]], [["--minutes", "soon"]], [["--unknown"]]])("%j are refused", async (args) => {
    await expect(run("main.ts", ...args)).rejects.toMatchObject({ code: 2 });
  });
});
