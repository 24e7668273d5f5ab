/** The choke point of all wires: every request passes here, gets its id, and finds its wire. */
import { Hono } from "hono";
import { version } from "../../package.json";
import { connectWire } from "./connect.ts";
import type { Service } from "./operations.ts";
import type { RequestVariables } from "./request-variables.ts";
import { addRestRoutes, rawPath, restRefusal } from "./rest.ts";
import { SERVICE_NAME } from "./service.ts";

export type App = Hono<{ Variables: RequestVariables }>;

export function createApp(service: Service): App {
  // Raw paths: a decoded ARN has slashes, and routing must not see them.
  const app: App = new Hono({ getPath: rawPath });
  app.use(async (context, next) => {
    context.set("requestId", crypto.randomUUID());
    await next();
    context.header("x-amzn-requestid", context.var.requestId);
    // The runtime sends no Date, and an AWS SDK whose clock is off corrects it by this one.
    context.header("date", new Date().toUTCString());
  });

  app.get("/health", (context) => context.json({ status: "ok", version }));

  const connect = connectWire(service);
  app.all(`/${SERVICE_NAME}/*`, (context) => connect(context.req.raw, context.var.requestId));
  addRestRoutes(app, service);
  app.notFound(() => restRefusal({ kind: "unknown_operation", reason: "UNKNOWN_OPERATION" }));
  return app;
}
