/** Lets web pages of other origins call, with a Connect client or the AWS SDK for JavaScript. */
import { cors as connect } from "@connectrpc/connect";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Config } from "../config.ts";

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

/** Without an allowed origin, requests pass as if this were not there. Errors get the same headers as successes. */
export function crossOrigin({ allowedOrigins, localMode }: Config): MiddlewareHandler {
  if (allowedOrigins.length === 0 && !localMode) {
    return (_, next) => next();
  }
  return cors({
    origin: (origin) => (allowedOrigins.includes(origin) || (localMode && LOCALHOST.test(origin)) ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: [...AWS_REQUEST_HEADERS, ...connect.allowedHeaders],
    exposeHeaders: [...RESPONSE_HEADERS, ...connect.exposedHeaders],
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
}
