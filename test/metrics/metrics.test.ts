import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTemporaryWorkerd } from "../../scripts/temporary-workerd.ts";
import { WORKER_BUNDLE } from "../support/build.ts";
import { type Stage, setStage } from "./stage.ts";

const ROOT = join(import.meta.dirname, "../..");
const RULES = join(ROOT, "deploy/alerts.yaml");

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard: { panels: readonly Panel[] } = JSON.parse(
  readFileSync(join(ROOT, "deploy/grafana-dashboard.json"), "utf8"),
);
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** Debian has it in its package prometheus. */
const describeWithPrometheus = describe.skipIf(!isThere("promtool") || !isThere("prometheus"));

function isThere(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Names of metrics in a query, or in rules, which have labels or a comparison behind them. */
function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:rollcall|process|nodejs)_\w+/g))];
}

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.stop());

describe("what is told to Prometheus", () => {
  let secrets: readonly string[];
  const texts = { serve: "", gateway: "" };
  beforeAll(async () => {
    secrets = await stage.play();
    for (const program of ["serve", "gateway"] as const) {
      const response = await fetch(stage.metrics[program]);
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      texts[program] = await response.text();
    }
  });

  it("counts each way in which the calls ended", () => {
    for (const labels of [
      'operation="RegisterAppInstanceUserEndpoint",wire="rest",kind="ok",reason="none"',
      'operation="RegisterAppInstanceUserEndpoint",wire="rest",kind="throttled",reason="OPERATION_RATE_EXCEEDED"',
      'operation="RegisterAppInstanceUserEndpoint",wire="rest",kind="unauthenticated",reason="TOKEN_REFUSED"',
      'operation="none",wire="none",kind="unknown_operation",reason="UNKNOWN_OPERATION"',
    ]) {
      expect(texts.serve).toContain(`rollcall_requests_total{${labels}} `);
    }
    expect(texts.serve).toContain('rollcall_registrations_total{outcome="replayed"} 1\n');
    expect(texts.serve).toContain('rollcall_registrations_total{outcome="adopted"} 1\n');
    expect(texts.serve).toContain("rollcall_devices_moved_total 1\n");
    expect(texts.serve).toMatch(/rollcall_batch_users_total\{.*result="failed"\} [1-9]/);
    expect(texts.serve).toContain('rollcall_caller_requests_total{principal="LOCAL_TOKENS",kind="ok"}');
    expect(texts.gateway).toMatch(/rollcall_gateway_calls_total\{.*wire="connect",code="ok",reason="none"\} 1/);
    expect(texts.gateway).toContain('reason="CONSTRAINTS_VIOLATED"');
    expect(texts.gateway).toContain('rollcall_gateway_refusals_total{reason="unimplemented"} 1');
    expect(texts.gateway).toContain("rollcall_gateway_upstream_up 1");
  });

  it("says what waits in the Directory, whose events nobody receives", async () => {
    await vi.waitFor(
      async () => {
        const text = await (await fetch(stage.metrics.serve)).text();
        expect(text).toMatch(/^rollcall_directory_events_waiting [1-9]/m);
        expect(text).toMatch(/^rollcall_directory_oldest_event_seconds [\d.]*[1-9]/m);
        expect(text).toMatch(/^rollcall_directory_bytes [1-9]/m);
        expect(text).toMatch(/^rollcall_directory_losers_waiting 0/m);
      },
      { timeout: 10_000, interval: 100 },
    );
  });

  it.each(["serve", "gateway"] as const)("holds no ARN, token or user of %s's callers", (program) => {
    expect(secrets).toHaveLength(5);
    expect(secrets.filter((secret) => texts[program].includes(secret))).toEqual([]);
    expect(texts[program]).not.toMatch(/arn:|%3A/i);
  });

  it("has every metric that the dashboard and the rules name", () => {
    const told = `${texts.serve}${texts.gateway}`;
    const named = namesIn([readFileSync(RULES, "utf8"), ...queries.map(({ expr }) => expr)].join("\n"));
    expect(named.length).toBeGreaterThan(25);
    expect(named.filter((name) => !new RegExp(`^${name}[ {]`, "m").test(told))).toEqual([]);
  });

  it("is answered at /metrics alone, and not at the ports of callers", async () => {
    for (const url of Object.values(stage.metrics)) {
      expect((await fetch(url.replace(/metrics$/, ""))).status).toBe(404);
      expect((await fetch(url, { method: "POST" })).status).toBe(404);
    }
    for (const url of Object.values(stage.callers)) {
      expect((await fetch(`${url}/metrics`)).status).toBe(404);
    }
  });

  it("is counted and told only where it is asked for", async () => {
    const { scrapeUrl, url, stop } = await startTemporaryWorkerd(WORKER_BUNDLE);
    expect(scrapeUrl).toBeUndefined();
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    await stop();
  });

  describeWithPrometheus("by promtool", () => {
    it.each(["serve", "gateway"] as const)("has nothing against the names and help of %s", (program) => {
      // It exits with 3, and says why, where it has.
      execFileSync("promtool", ["check", "metrics"], { input: texts[program] });
    });
  });
});

describeWithPrometheus("the alert rules", () => {
  it("are rules", () => {
    expect(execFileSync("promtool", ["check", "rules", RULES], { encoding: "utf8" })).toMatch(/SUCCESS: \d+ rules/);
  });

  it("raise each alert when they should, and none before", () => {
    execFileSync("promtool", ["test", "rules", join(import.meta.dirname, "alerts.test.yaml")], { encoding: "utf8" });
  });
});

describeWithPrometheus("a Prometheus that scrapes both", () => {
  let url: string;
  let end: () => Promise<void>;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-prometheus-"));
    const job = (name: string, target: string) => ({
      job_name: name,
      static_configs: [{ targets: [new URL(target).host] }],
    });
    const { serve, gateway } = stage.metrics;
    // JSON is YAML too.
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [RULES],
      scrape_configs: [job("rollcall", serve), job("rollcall-gateway", gateway)],
    };
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
    const child = spawn("prometheus", [...args, `--web.listen-address=${address}`], { stdio: "ignore" });
    url = `http://${address}`;
    end = async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      rmSync(folder, { recursive: true });
    };
    // Two scrapes make a rate, with calls before and between them; and it takes a moment until Prometheus makes the first.
    await vi.waitFor(
      async () => {
        await stage.play();
        for (const counter of ["rollcall_requests_total", "rollcall_gateway_calls_total"]) {
          expect(Number(await query(`sum(rate(${counter}[30s]))`))).toBeGreaterThan(0);
        }
      },
      { timeout: 50_000, interval: 1_000 },
    );
    await stage.play();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  });
  afterAll(() => end?.());

  async function api<Data>(path: string): Promise<Data> {
    const response = await fetch(`${url}/api/v1/${path}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: Data };
    expect({ status, error }).toEqual({ status: "success", error: undefined });
    return data;
  }

  /** The values that a query comes to. */
  async function query(expr: string): Promise<string[]> {
    const { result } = await api<{ result: { value: [number, string] }[] }>(
      `query?${new URLSearchParams({ query: expr })}`,
    );
    return result.map(({ value }) => value[1]);
  }

  it.each(queries)("answers the dashboard's $title: $expr", async ({ expr }) => {
    const asked = expr.replaceAll("$__rate_interval", "30s").replaceAll("$instance", ".*");
    expect(asked).not.toContain("$");
    const values = await query(asked);
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((value) => value === "NaN")).toEqual([]);
  });

  it("takes every rule", async () => {
    const { groups } = await api<{ groups: { rules: { health: string }[] }[] }>("rules");
    const rules = groups.flatMap(({ rules }) => rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
