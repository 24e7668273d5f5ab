/** Lets web pages of other origins call, with a Connect client or the AWS SDK for JavaScript. */
import { cors as connect } from "@connectrpc/connect";
import { cors } from "hono/cors";
import { Hono } from "hono/tiny";
import type { Config } from "../../config.ts";
import { matchesOrigin } from "../../model/origin.ts";
import type { Incoming, Routes } from "../incoming.ts";
import { commonHeaders } from "./respond.ts";

/** What the AWS SDK for JavaScript sends. Seen of 3.1080. */
const AWS_REQUEST_HEADERS = [
  ...["amz-sdk-invocation-id", "amz-sdk-request", "authorization", "content-type", "x-amz-content-sha256"],
  ...["x-amz-date", "x-amz-security-token", "x-amz-user-agent"],
];

/** What it needs to read to tell the exception's class, to set its clock, and to know how long to wait. */
const RESPONSE_HEADERS = ["date", "retry-after", "x-amz-retry-after", "x-amzn-errortype", "x-amzn-requestid"];

/** How long a browser keeps the answer to a preflight; Chromium's most is two hours. */
const PREFLIGHT_MAX_AGE_S = 7_200;

const LOCALHOST = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Whether pages of an origin may call, and read what is answered. */
export function allowsOrigin({ allowedOrigins, localMode }: Config, origin: string): boolean {
  return allowedOrigins.some((allowed) => matchesOrigin(allowed, origin)) || (localMode && LOCALHOST.test(origin));
}

/**
 * Answers with these routes. Only browsers send an Origin header, and only what has one takes the way through Hono's
 * middleware, which copies every response. Errors get the same headers as successes.
 */
export function crossOrigin(config: Config, routes: Routes): (incoming: Incoming) => Answer {
  const answer = (incoming: Incoming) => routes.fetch(incoming.request, incoming);
  if (config.allowedOrigins.length === 0 && !config.localMode) {
    return answer;
  }
  const crossed: Routes = new Hono({ getPath: () => "/" });
  crossed.use(async (context, next) => {
    for (const [name, value] of Object.entries(commonHeaders(context.env.event))) {
      context.header(name, value);
    }
    await next();
  });
  crossed.use(
    cors({
      origin: (origin) => (allowsOrigin(config, origin) ? origin : null),
      allowMethods: ["GET", "POST", "PUT", "DELETE"],
      allowHeaders: [...AWS_REQUEST_HEADERS, ...connect.allowedHeaders, ...config.allowedHeaders],
      exposeHeaders: [...RESPONSE_HEADERS, ...connect.exposedHeaders],
      maxAge: PREFLIGHT_MAX_AGE_S,
    }),
  );
  crossed.all("*", ({ env }) => answer(env));
  return (incoming) =>
    incoming.request.headers.has("origin") ? crossed.fetch(incoming.request, incoming) : answer(incoming);
}

type Answer = Response | Promise<Response>;
