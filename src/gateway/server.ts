/**
 * The gateway: gRPC, gRPC-Web and Connect over HTTP/2, for a server that runs on the Workers runtime, which sends no
 * HTTP/2 trailers and so can't speak gRPC itself.
 */
import { once } from "node:events";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { AddressInfo } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { createConnectRouter, type ServiceImpl, type Transport } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport } from "@connectrpc/connect-node";
import { serveScrapes } from "../command/scrapes.ts";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.ts";
import { BATCH_ANSWER_MAX_BYTES, BODY_MAX_BYTES } from "../worker/model/limits.ts";
import { forwardingRoutes } from "./forward.ts";
import { ServerReflection } from "./gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "./gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Health } from "./gen/health/v1/health_pb.ts";
import { fromText, inText, isText } from "./grpc-web-text.ts";
import { healthService } from "./health.ts";
import { CONNECTIONS_MAX } from "./limits.ts";
import { listener, type Route, type Routes, type UniversalHandler } from "./listener.ts";
import { Meters } from "./meters.ts";
import { reflection } from "./reflection.ts";
import { callReporter } from "./report.ts";
import { Room } from "./room.ts";
import { type ForwardedService, ROLLCALL } from "./service.ts";
import type { GatewaySettings } from "./settings.ts";
import { onEmptyMessage, readsUnary } from "./unary.ts";
import { UpstreamHealth } from "./upstream-health.ts";
import { versionedServer } from "./versions.ts";

export interface Gateway {
  /** Without a slash at its end. */
  readonly url: string;
  /** Where Prometheus is answered; absent: nowhere. */
  readonly metricsUrl?: string;
  /** Takes no new calls, and answers once those in flight have ended, or STOP_MAX_MS have passed. */
  stop(): Promise<void>;
}

/** How long calls in flight may take to end before they are cut off. */
const STOP_MAX_MS = 10_000;

/** Connections to the server behind; workerd can't bear many (docs/self-hosting.md). */
const UPSTREAM_CONNECTIONS_MAX = 100;

/** Idle ones are closed before workerd closes them, which it does after 5 s: a call must not meet that. */
const UPSTREAM_IDLE_MAX_MS = 3_000;

/** As much as gRPC's clients take. The longest answer is that of a resolve, with ARNs and errors besides what is counted of it. */
const ANSWER_MAX_BYTES = 2 * BATCH_ANSWER_MAX_BYTES;

/** Starts it, and answers once it listens. Rejects with Node's own error if it can't. */
export async function startGateway(
  { host, port, upstream, tls, metrics, logSuccesses }: GatewaySettings,
  service: ForwardedService = ROLLCALL,
): Promise<Gateway> {
  const stopping = new AbortController();
  const upstreamHealth = new UpstreamHealth(upstream);
  const room = new Room();
  const meters = metrics && new Meters();
  const reportCall = callReporter(logSuccesses, meters && ((event) => meters.call(event)));
  const routes = new Map([
    ...forwardingRoutes(service, transportTo(upstream), reportCall),
    ...ownRoutes(service.descriptor, upstreamHealth, stopping.signal),
  ]);
  const onRequest = listener(routes, room, (error) => meters?.refused(error));
  const { connections, server, close, destroy } = versionedServer(tls, onRequest, () => meters?.turnedAway());
  meters?.watch({ connections, room, upstream: upstreamHealth });
  // As many as there may be can come at the same moment, such as after a restart. Those beyond the backlog, 511 if it is not
  // given, would try again after seconds that double.
  server.listen({ port, host, backlog: CONNECTIONS_MAX });
  await once(server, "listening");
  const { port: actualPort } = server.address() as AddressInfo;
  const metricsUrl = metrics && meters && (await serveScrapes(metrics, () => meters.text()));
  return {
    ...(metricsUrl && { metricsUrl }),
    url: `http${tls === undefined ? "" : "s"}://${host.includes(":") ? `[${host}]` : host}:${actualPort}`,
    stop: async () => {
      const closed = once(server, "close");
      stopping.abort();
      close();
      const timer = setTimeout(destroy, STOP_MAX_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function transportTo(upstream: string): Transport {
  const pool = { keepAlive: true, maxSockets: UPSTREAM_CONNECTIONS_MAX, timeout: UPSTREAM_IDLE_MAX_MS };
  const agent = upstream.startsWith("https:") ? new HttpsAgent(pool) : new HttpAgent(pool);
  return createConnectTransport({
    baseUrl: upstream,
    httpVersion: "1.1",
    useBinaryFormat: true,
    // Asked for by name, because some that stand before a server compress what nobody asked to be.
    acceptCompression: [compressionGzip],
    readMaxBytes: ANSWER_MAX_BYTES,
    nodeOptions: { agent },
  });
}

/** What the gateway answers by itself. */
function ownRoutes(service: DescService, upstream: UpstreamHealth, stopping: AbortSignal): Routes {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    readMaxBytes: BODY_MAX_BYTES,
    shutdownSignal: stopping,
    interceptors: [readsUnary],
  });
  const services = [service, Health, ServerReflection, ServerReflectionAlpha];
  const told = reflection(services, [file_google_rpc_error_details]);
  router.service(Health, healthService([service.typeName], upstream, stopping));
  router.service(ServerReflection, told);
  // The messages of the older version are the same, but for their names.
  router.service(ServerReflectionAlpha, told as unknown as ServiceImpl<typeof ServerReflectionAlpha>);
  return new Map(router.handlers.map((handler) => [handler.requestPath, ownRoute(handler)]));
}

/** A handler of Connect's, for gRPC-Web in its text form as well. */
function ownRoute(handler: UniversalHandler): Route {
  const { methodKind } = handler.method;
  return Object.assign(methodKind === "unary" ? onEmptyMessage(handler) : streaming(handler), { methodKind });
}

function streaming(handler: UniversalHandler): Route {
  return async (request) =>
    isText(request.header.get("content-type") ?? "") ? inText(await handler(fromText(request))) : handler(request);
}
