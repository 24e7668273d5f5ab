/** The choke point of all protocols: every request passes here, is read, gets its id, and finds who answers it. */
import { Hono } from "hono/tiny";
import { version } from "../../../package.json";
import type { Failure } from "../model/failure.ts";
import { addCredentials } from "./credentials.ts";
import { addDirectory } from "./directory.ts";
import { readBody } from "./http/body.ts";
import { crossOrigin } from "./http/cors.ts";
import { gateOf } from "./http/gate.ts";
import { readHead } from "./http/head.ts";
import { jsonReply, respond } from "./http/respond.ts";
import type { Incoming, Routes } from "./incoming.ts";
import { type Assets, addPages } from "./pages/pages.ts";
import { performer, type Service } from "./perform.ts";
import { unknownPath } from "./refusals/unknown-path.ts";
import { refuse, refuseInRest, refuseOtherMethods } from "./refuse.ts";
import { type Count, reportBug, reporterOf } from "./reporting/report.ts";
import type { RequestEvent } from "./reporting/request-event.ts";
import { hideInTrace } from "./reporting/trace.ts";
import { serve } from "./serve.ts";
import { wireOf } from "./wires.ts";

export interface App {
  readonly fetch: (request: Request) => Promise<Response>;
}

export function createApp(service: Service, count?: Count, assets?: Assets): App {
  const report = reporterOf(service.config, count);
  const gate = gateOf(service.config);
  const route = crossOrigin(service.config, createRoutes(service, assets));
  const answer = (incoming: Incoming) => {
    const failure = gate(incoming);
    return failure === undefined ? route(incoming) : refuse(incoming, failure);
  };
  return {
    fetch: async (request) => {
      const event: RequestEvent = { requestId: crypto.randomUUID() };
      const receivedAt = Date.now();
      hideInTrace(event);
      const [url, head, body] = [URL.parse(request.url), readHead(request.headers), await readBody(request)];
      const response =
        url === null || !HOST.test(url.host)
          ? refuseInRest(event, BAD_URL)
          : await answer({ request, url, head, body, receivedAt, event });
      report(event, response.status, Date.now() - receivedAt);
      return response;
    },
  };
}

/** One handler per path, and no middleware: Hono then calls it as it is. */
function createRoutes(service: Service, assets: Assets | undefined): Routes {
  const perform = performer(service);
  // Raw paths: a decoded ARN has slashes, and routing must not see them.
  const routes: Routes = new Hono({ getPath: rawPath });
  const health = jsonReply({ status: 200, body: { status: "ok", version } });
  routes.get("/health", ({ env }) => respond(env.event, health));
  routes.all("/health", refuseOtherMethods(["GET", "HEAD"]));
  if (service.sessions !== undefined) {
    addCredentials(routes, service.sessions, service.callerRate);
  }
  addDirectory(routes, service);
  const pages = assets === undefined ? [] : service.config.pages;
  addPages(routes, { ...service.config, pages }, assets);
  routes.all("*", (context) => {
    const wire = wireOf(context.env);
    return wire === undefined ? context.notFound() : serve(wire, context.env, perform);
  });
  routes.notFound(({ env }) => refuseInRest(env.event, unknownPath(env.url, pages)));
  routes.onError((error, { env }) => {
    reportBug(env.event, error);
    return refuseInRest(env.event, { kind: "internal", reason: "INTERNAL" });
  });
  return routes;
}

/**
 * Of the URL that has been parsed already: Hono would parse that of its first argument, the request, again. Its small
 * router takes a path with a slash at its end for the one without, but not one with two.
 */
function rawPath(_: Request, { env }: { env?: Incoming } = {}): string {
  const path = env?.url.pathname ?? "/";
  return path !== "/" && path.endsWith("/") ? `${path}/` : path;
}

/** Bare workerd puts a target without a slash, such as that of OPTIONS *, behind the host. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/;

/** Bare workerd lets any Host header through; a proxy and Cloudflare do not. */
const BAD_URL: Failure = {
  kind: "invalid",
  reason: "UNREADABLE_REQUEST",
  at: "the URL that Host and target make",
  expected: "a valid one",
};
