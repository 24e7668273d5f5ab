/** The choke point of all wires: every request passes here, gets its id, and finds its wire. */
import { Hono } from "hono";
import { version } from "../../package.json";
import type { Failure } from "../model/failure.ts";
import { connectWire } from "./connect/routes.ts";
import { crossOrigin } from "./cors.ts";
import { SERVICE_NAME } from "./messages/service.ts";
import type { Service } from "./operations.ts";
import { type Assets, addPages } from "./pages.ts";
import { type Metrics, report } from "./report.ts";
import type { RequestEvent, RequestVariables } from "./request-event.ts";
import { addRestRoutes, otherMethods, rawPath, restRefusal } from "./rest/routes.ts";
import { hideInTrace } from "./trace.ts";

export type App = Hono<{ Variables: RequestVariables }>;

export function createApp(service: Service, metrics?: Metrics, assets?: Assets): App {
  // Raw paths: a decoded ARN has slashes, and routing must not see them.
  const app: App = new Hono({ getPath: rawPath });
  app.use(async (context, next) => {
    const event: RequestEvent = { requestId: crypto.randomUUID() };
    const started = Date.now();
    hideInTrace(event);
    context.set("event", event);
    await next();
    context.header("x-amzn-requestid", event.requestId);
    // The runtime sends no Date, and an AWS SDK whose clock is off corrects it by this one.
    context.header("date", new Date().toUTCString());
    report(event, context.res.status, Date.now() - started, metrics);
  });

  app.use(async (context, next) => (URL.canParse(context.req.url) ? next() : restRefusal(context, BAD_URL)));
  app.use(crossOrigin(service.config));
  app.get("/health", (context) => context.json({ status: "ok", version }));
  app.all("/health", otherMethods(["GET", "HEAD"]));
  if (assets !== undefined) {
    addPages(app, service.config, assets);
  }

  const connect = connectWire(service);
  app.all(`/${SERVICE_NAME}/*`, (context) => connect(context.req.raw, context.var.event));
  addRestRoutes(app, service);
  app.notFound((context) => restRefusal(context, { kind: "unknown_operation", reason: "UNKNOWN_OPERATION" }));
  return app;
}

/** Bare workerd lets any Host header through; a proxy and Cloudflare do not. */
const BAD_URL: Failure = {
  kind: "invalid",
  reason: "UNREADABLE_REQUEST",
  at: "the URL that Host and target make",
  expected: "a valid one",
};
