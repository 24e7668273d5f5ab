/** The choke point of all wires: every request passes here, gets its id, and finds its wire. */
import { Hono } from "hono";
import { version } from "../../package.json";
import type { Failure } from "../model/failure.ts";
import { connectRefusal } from "./connect/refusal.ts";
import { connectWire } from "./connect/routes.ts";
import { crossOrigin } from "./cors.ts";
import { gateOf } from "./gate.ts";
import type { Incoming, Routes } from "./incoming.ts";
import { SERVICE_NAME } from "./messages/service.ts";
import type { Service } from "./operations.ts";
import { type Assets, addPages } from "./pages.ts";
import { unknownPath } from "./refusals/unknown-path.ts";
import { type Metrics, report, reportBug } from "./report.ts";
import type { RequestEvent } from "./request-event.ts";
import { respondJson } from "./respond.ts";
import { otherMethods, REST_PATHS, restRefusal, restWire } from "./rest/routes.ts";
import { hideInTrace } from "./trace.ts";

export interface App {
  readonly fetch: (request: Request) => Promise<Response>;
}

export function createApp(service: Service, metrics?: Metrics, assets?: Assets): App {
  const gate = gateOf(service.config);
  const route = crossOrigin(service.config, createRoutes(service, assets));
  const answer = (incoming: Incoming) => {
    const refusal = gate(incoming);
    return refusal === undefined ? route(incoming) : turnAway(incoming, refusal);
  };
  return {
    fetch: async (request) => {
      const event: RequestEvent = { requestId: crypto.randomUUID() };
      const receivedAt = Date.now();
      hideInTrace(event);
      const url = URL.parse(request.url);
      const response = url === null ? restRefusal(event, BAD_URL) : await answer({ request, url, receivedAt, event });
      report(event, response.status, Date.now() - receivedAt, metrics);
      return response;
    },
  };
}

/** Refuses in the words of the wire that the path belongs to. */
function turnAway(incoming: Incoming, refusal: Failure): Response {
  return incoming.url.pathname.startsWith(`/${SERVICE_NAME}/`)
    ? connectRefusal(incoming, refusal)
    : restRefusal(incoming.event, refusal);
}

/** One handler a path and no middleware: Hono then calls it as it is. */
function createRoutes(service: Service, assets: Assets | undefined): Routes {
  // Raw paths: a decoded ARN has slashes, and routing must not see them.
  const routes: Routes = new Hono({ getPath: rawPath });
  routes.get("/health", ({ env }) => respondJson(env.event, { status: 200, body: { status: "ok", version } }));
  routes.all("/health", otherMethods(["GET", "HEAD"]));
  const pages = assets === undefined ? [] : service.config.pages;
  addPages(routes, { ...service.config, pages }, assets);
  const connect = connectWire(service);
  routes.all(`/${SERVICE_NAME}/*`, ({ env }) => connect(env));
  const rest = restWire(service);
  for (const path of REST_PATHS) {
    routes.all(path, ({ env }) => rest(env));
  }
  routes.notFound(({ env }) => restRefusal(env.event, unknownPath(env.url, pages)));
  routes.onError((error, { env }) => {
    reportBug(env.event, error);
    return restRefusal(env.event, { kind: "internal", reason: "INTERNAL" });
  });
  return routes;
}

/** Of the URL that has been parsed already: Hono would parse that of its first argument, the request, again. */
function rawPath(_: Request, { env }: { env?: Incoming } = {}): string {
  return env?.url.pathname ?? "/";
}

/** Bare workerd lets any Host header through; a proxy and Cloudflare do not. */
const BAD_URL: Failure = {
  kind: "invalid",
  reason: "UNREADABLE_REQUEST",
  at: "the URL that Host and target make",
  expected: "a valid one",
};
