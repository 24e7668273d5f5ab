import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BLOBS, countIn, DOUBLES } from "../../src/worker/transport/reporting/analytics-engine.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/monitoring.md"), "utf8");
const alerts = readFileSync(join(root, "deploy/alerts.yaml"), "utf8");
const dashboard = readFileSync(join(root, "deploy/grafana-dashboard.json"), "utf8");

/** Each column of a row in Analytics Engine, and what the code puts there. */
const COLUMNS: readonly (readonly [column: string, name: string])[] = [
  ["index1", "operation"],
  ...BLOBS.map(([name], n) => [`blob${n + 1}`, name] as const),
  ...DOUBLES.map(([name], n) => [`double${n + 1}`, name] as const),
];

describe("the page on monitoring", () => {
  it("has a row for each alert, with its severity", () => {
    const told = Array.from(
      page.matchAll(/^\| `(Rollcall\w+)` \| (\w+) \|/gm),
      ([, name, severity]) => `${name} ${severity}`,
    );
    const rules = Array.from(
      alerts.matchAll(/- alert: (\w+)\n.*?severity: (\w+)/gs),
      ([, name, severity]) => `${name} ${severity}`,
    );
    expect(told.toSorted()).toEqual(rules.toSorted());
  });

  it("tells of each metric of ours that an alert or the dashboard names", () => {
    const named = `${alerts}${dashboard}`.match(/\brollcall_\w+/g)?.map((name) => name.replace(/_bucket$/, ""));
    const [, table = ""] = page.split("\n## What is counted\n");
    expect([...new Set(named)].filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
  });

  it("tells of each metric that the server or the gateway counts, and of no other of ours", () => {
    const read = (file: string) => readFileSync(join(root, "src", file), "utf8");
    const ofServer = read("worker/transport/reporting/counters.ts").match(/\brollcall_\w+/g) ?? [];
    const ofGateway = read("gateway/meters.ts").matchAll(/#(?:counter|gauge)\("(\w+)"|"(rollcall_gateway_\w+)"/g);
    const counted = [...ofServer, ...Array.from(ofGateway, ([, name, whole]) => whole ?? `rollcall_gateway_${name}`)];
    const [, table = ""] = page.split("\n## What is counted\n");
    const told = table.match(/(?<=`)rollcall_\w+(?=`)/g) ?? [];
    expect(told.toSorted()).toEqual([...new Set(counted)].toSorted());
  });

  it("says what each column of Analytics Engine holds", () => {
    const told = Array.from(page.matchAll(/^\| `((?:index|blob|double)\d)` \| (\w+)/gm), ([, column, name]) => [
      column,
      name,
    ]);
    expect(told).toEqual(COLUMNS);
  });

  it("shows three queries, of columns that hold what the queries take them for", () => {
    const queries = Array.from(page.matchAll(/^```sql\n(.*?)^```$/gms), ([, query = ""]) => query);
    expect(queries).toHaveLength(3);
    const holds = Object.fromEntries(COLUMNS);
    for (const query of queries) {
      const named = Array.from(query.matchAll(/\b((?:index|blob|double)\d+) AS (\w+)/g), ([, column = "", as]) => [
        column,
        as,
      ]);
      expect(named.filter(([column = "", as]) => holds[column] !== as)).toEqual([]);
    }
    // Those without a name: the kind, and the time.
    expect(queries[1]).toContain("(double1, _sample_interval)");
    expect([holds.double1, holds.blob2]).toEqual(["ms", "kind"]);
    expect(
      queries
        .join()
        .match(/\b(?:index|blob|double)\d+/g)
        ?.filter((column) => !(column in holds)),
    ).toEqual([]);
  });
});

describe("a row in Analytics Engine", () => {
  it("has a value for each column, in the order of the page", () => {
    const written: AnalyticsEngineDataPoint[] = [];
    const point = { operation: "List", wire: "rest", kind: "ok", reason: "none", status: 200, ms: 7, replayed: false };
    const told = { ...point, fault: undefined, retries: 1, principal: "BACKEND", adopted: true, moved: 2 };
    countIn({ writeDataPoint: (row) => void (row && written.push(row)) })({
      ...told,
      ...{ requestId: "id", users: 3, endpoints: 4, errors: 5, bugs: 6, unreached: undefined },
    });
    expect(written).toEqual([
      {
        indexes: ["List"],
        blobs: ["rest", "ok", "none", "200", "false", "BACKEND", "true"],
        doubles: [7, 1, 3, 4, 5, 2, 6, 0],
      },
    ]);
  });
});
