import type { ConnectError } from "@connectrpc/connect";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "@prometheus-io/client";
import type { Connections } from "./connections.ts";
import { reasonOf } from "./errors.ts";
import { CALLS_MAX_BYTES, CONNECTIONS_MAX } from "./limits.ts";
import { type CallEvent, nameOf } from "./report.ts";
import type { Room } from "./room.ts";
import type { UpstreamHealth } from "./upstream-health.ts";

/** In seconds. */
const DURATIONS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** What the library collects of Node under names that are against Prometheus's own conventions. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
  "nodejs_eventloop_utilization_histogram",
  "nodejs_eventloop_utilization_summary",
];

/** What is as it is at the moment of a scrape. */
interface Levels {
  readonly connections: Connections;
  readonly room: Room;
  readonly upstream: UpstreamHealth;
}

/** What the gateway counts for Prometheus. Labels are names out of the code, as many as there are. */
export class Meters {
  readonly #registry = new Registry();
  readonly #calls = this.#counter("calls_total", "Calls, and how they ended.", ["operation", "wire", "code", "reason"]);
  readonly #durations = new Histogram({
    name: "rollcall_gateway_call_duration_seconds",
    help: "Time from a call to its answer.",
    labelNames: ["operation"],
    buckets: DURATIONS,
    registers: [this.#registry],
  });
  readonly #refusals = this.#counter("refusals_total", "Requests that were refused before they were calls.", [
    "reason",
  ]);
  readonly #turnedAway = this.#counter("connections_turned_away_total", "Connections for which there was no room.", []);

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) {
      this.#registry.removeSingleMetric(name);
    }
  }

  call({ operation, wire, code, reason = "none", ms }: CallEvent): void {
    this.#calls.inc({ operation, wire, code: nameOf(code), reason });
    this.#durations.observe({ operation }, ms / 1_000);
  }

  refused(error: ConnectError): void {
    this.#refusals.inc({ reason: reasonOf(error) ?? nameOf(error.code) });
  }

  turnedAway(): void {
    this.#turnedAway.inc();
  }

  /** Has each scrape tell these too. */
  watch({ connections, room, upstream }: Levels): void {
    this.#gauge("connections", "Connections that are open.", () => connections.size);
    this.#gauge("connections_max", "How many there may be: more are turned away.", () => CONNECTIONS_MAX);
    this.#gauge("streams", "Calls under way, health watches and reflection among them.", () => connections.calls);
    this.#gauge("calls_bytes", "Memory that calls under way are counted with.", () => room.bytes);
    this.#gauge("calls_bytes_max", "How much that may be: beyond it calls are refused.", () => CALLS_MAX_BYTES);
    this.#gauge("upstream_up", "Whether the server behind says that it is well.", async () =>
      Number(await upstream.isServing()),
    );
  }

  /** All of it, as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `rollcall_gateway_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name: `rollcall_gateway_${name}`,
      help,
      registers: [this.#registry],
      async collect() {
        this.set(await read());
      },
    });
  }
}
