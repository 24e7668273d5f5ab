/**
 * gRPC's health checking, for load balancers and orchestrators: the gateway is as well as the server behind it.
 * Source: github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { type Health, HealthCheckResponse_ServingStatus as Status } from "./gen/health/v1/health_pb.ts";
import { WATCHES_MAX } from "./limits.ts";
import type { UpstreamHealth } from "./upstream-health.ts";

/** How often the server is asked for those who watch. */
const WATCH_PAUSE_MS = 1_000;

/** `services` are the names that can be asked for; "" is the gateway as a whole. */
export function healthService(
  services: readonly string[],
  upstream: UpstreamHealth,
  stopping: AbortSignal,
): ServiceImpl<typeof Health> {
  const known = ["", ...services];

  async function statusOf(service: string): Promise<Status> {
    if (!known.includes(service)) {
      return Status.SERVICE_UNKNOWN;
    }
    return !stopping.aborted && (await upstream.isServing()) ? Status.SERVING : Status.NOT_SERVING;
  }

  async function* changes(service: string, signal: AbortSignal) {
    let told: Status | undefined;
    for (;;) {
      const status = await statusOf(service);
      if (status !== told) {
        yield { status };
        told = status;
      }
      if (stopping.aborted) {
        throw new ConnectError("The gateway is stopping.", Code.Unavailable);
      }
      if (signal.aborted) {
        return;
      }
      await sleep(WATCH_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  let watches = 0;
  return {
    async check({ service }) {
      const status = await statusOf(service);
      if (status === Status.SERVICE_UNKNOWN) {
        throw new ConnectError("This gateway has no such service.", Code.NotFound);
      }
      return { status };
    },
    async list() {
      const status = await statusOf("");
      return { statuses: Object.fromEntries(known.map((service) => [service, { status }])) };
    },
    async *watch({ service }, { signal }) {
      if (watches >= WATCHES_MAX) {
        throw new ConnectError(
          `This gateway tells ${WATCHES_MAX} watches at once, and has as many. Check now and then instead.`,
          Code.ResourceExhausted,
        );
      }
      watches += 1;
      try {
        yield* changes(service, signal);
      } finally {
        watches -= 1;
      }
    },
  };
}
