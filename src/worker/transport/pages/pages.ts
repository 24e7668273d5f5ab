/**
 * Pages for people, and the API's description: files of the Worker's static assets, made at build from src/pages.
 *
 * They are served through the Worker so that they are there only where configured, and with the headers below. What
 * holds the files may be Cloudflare's static assets or, on bare workerd, a folder of the disk, which tells no content
 * types and lists its folders: so types are told here, and only what has the path of a file is asked for.
 */
import type { Context } from "hono";
import { getMimeType } from "hono/utils/mime";
import { version } from "../../../../package.json";
import type { Config, Page } from "../../config.ts";
import { SETTINGS_PATH } from "../../model/page-settings.ts";
import { jsonReply, respond } from "../http/respond.ts";
import type { Incoming, Routes } from "../incoming.ts";
import { refuseOtherMethods } from "../refuse.ts";
import { pageSettings } from "./page-settings.ts";

/** Where the files are. */
export type Assets = Pick<Fetcher, "fetch">;

type PageContext = Context<{ Bindings: Incoming }>;

const PATHS: Readonly<Record<Page, readonly string[]>> = {
  docs: ["/docs/*", "/openapi.json"],
  console: ["/console/*"],
};

/** Served where any page is: the one that leads to them. */
const HOME = ["/", "/home/*"];

/** Adds the routes of the configured pages, which need no authentication: what they call does. */
export function addPages(routes: Routes, config: Config, assets: Assets | undefined): void {
  if (assets === undefined || config.pages.length === 0) {
    routes.get("/", ({ env }) => respond(env.event, NO_PAGES));
    routes.all("/", refuseOtherMethods(["GET", "HEAD"]));
    return;
  }
  const settings = jsonReply({ status: 200, headers: HEADERS, body: pageSettings(config) });
  routes.get(SETTINGS_PATH, ({ env }) => respond(env.event, settings));
  routes.all(SETTINGS_PATH, refuseOtherMethods(["GET", "HEAD"]));
  for (const path of [...HOME, ...config.pages.flatMap((page) => PATHS[page])]) {
    routes.get(path, (context) => servePage(context, assets));
    routes.all(path, refuseOtherMethods(["GET", "HEAD"]));
  }
}

/** What is at the root of a server without pages. */
const NO_PAGES = jsonReply({
  status: 200,
  body: {
    name: "rollcall",
    version,
    health: "/health",
    pages: "Off. The variable PAGES switches them on, and in local mode all of them are.",
  },
});

async function servePage(context: PageContext, assets: Assets): Promise<Response> {
  const { request, url, event } = context.env;
  const { origin, pathname } = url;
  const file = fileAt(pathname);
  const type = FILE.test(file) && getMimeType(file);
  if (!type) {
    return context.notFound();
  }
  const { method, headers } = request;
  const found = await assets.fetch(origin + file, { method, headers: chosen(headers, "if-none-match") });
  if (found.status !== 200 && found.status !== 304) {
    return context.notFound();
  }
  return respond(event, {
    status: found.status,
    headers: { ...HEADERS, ...chosen(found.headers, "etag"), "content-type": type },
    body: found.body,
  });
}

/** A page's own path, with or without a slash at its end, is its index.html. */
function fileAt(path: string): string {
  if (path === "/") {
    return "/home/index.html";
  }
  return /^\/\w+\/?$/.test(path) ? `${path.replace(/\/$/, "")}/index.html` : path;
}

/** No escapes, no hidden files, no folders. */
const FILE = /^(?:\/[\w-][\w.-]*)+\.\w+$/;

function chosen(headers: Headers, name: string): Record<string, string> {
  const value = headers.get(name);
  return value === null ? {} : { [name]: value };
}

/** Whatever runs, looks or is called comes from this server, and nobody may put a page of it in a frame. */
const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  // Kept, and asked about each time: a deploy is seen at once, and what it left alone is not sent again.
  "cache-control": "no-cache",
};
