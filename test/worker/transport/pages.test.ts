import { afterEach, describe, expect, it, vi } from "vitest";
import { version } from "../../../package.json";
import {
  LOCAL_ACCESS_KEY_ID,
  LOCAL_SECRET_ACCESS_KEY,
  LOCAL_TOKENS,
} from "../../../src/worker/auth/local-principals.ts";
import { createApp } from "../../../src/worker/transport/app.ts";
import type { Assets } from "../../../src/worker/transport/pages/pages.ts";
import { ask } from "../../support/ask.ts";
import { LOCAL_VARIABLES, localService } from "../../support/credentials.ts";
import { usersThat } from "../../support/users.ts";

const FILES = ["/docs/index.html", "/docs/main.js", "/docs/main.css", "/docs/.hidden.js", "/openapi.json"];
FILES.push("/home/index.html", "/home/main.js", "/console/index.html", "/private/index.html");

/** Answers as a folder that bare workerd serves from the disk: no content types, and a listing of each folder. */
function disk() {
  const fetch = vi.fn(async (request: string, { method = "GET", headers = {} }: RequestInit = {}) => {
    const { pathname } = new URL(request);
    if (FILES.some((file) => file.startsWith(pathname.replace(/\/?$/, "/")))) {
      return Response.json(FILES);
    }
    if (!FILES.includes(pathname)) {
      return new Response("no such file", { status: 404 });
    }
    const etag = `"${pathname}"`;
    const known = new Headers(headers).get("if-none-match") === etag;
    return new Response(known || method === "HEAD" ? null : `content of ${pathname}`, {
      status: known ? 304 : 200,
      headers: { etag, "content-type": "application/octet-stream", "set-cookie": "a=b" },
    });
  });
  return { fetch: fetch as unknown as Assets["fetch"], asked: () => fetch.mock.calls.map(([url]) => url) };
}

function appWith(variables: Record<string, string> = LOCAL_VARIABLES, assets: Assets | undefined = disk()) {
  const { users } = usersThat(() => undefined);
  return createApp({ ...localService(variables), users }, undefined, assets);
}

afterEach(() => vi.restoreAllMocks());

describe("a page", () => {
  it.each([
    ["/docs", "/docs/index.html", "text/html; charset=utf-8"],
    ["/docs/", "/docs/index.html", "text/html; charset=utf-8"],
    ["/docs/main.js", "/docs/main.js", "text/javascript; charset=utf-8"],
    ["/docs/main.css?v=1", "/docs/main.css", "text/css; charset=utf-8"],
    ["/openapi.json", "/openapi.json", "application/json"],
    ["/console", "/console/index.html", "text/html; charset=utf-8"],
    ["/", "/home/index.html", "text/html; charset=utf-8"],
    ["/home/main.js", "/home/main.js", "text/javascript; charset=utf-8"],
  ])("at %s is the file %s, as %s", async (path, file, type) => {
    const response = await ask(appWith(), path);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(`content of ${file}`);
    expect(response.headers.get("content-type")).toBe(type);
  });

  it("may run, load and call nothing of another origin, and has no header that the file came with", async () => {
    const { headers } = await ask(appWith(), "/docs");
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
    );
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.has("set-cookie")).toBe(false);
  });

  it("has a request id, and its log line tells of no operation", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
    const { headers } = await ask(appWith(), "/docs?X-Amz-Signature=secret");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        requestId: headers.get("x-amzn-requestid"),
        operation: "none",
        wire: "none",
        kind: "ok",
        status: 200,
      }),
    ]);
    expect(lines[0]).not.toContain("secret");
  });

  it("is asked for by its path alone", async () => {
    const assets = disk();
    await ask(appWith(LOCAL_VARIABLES, assets), "/docs/main.js?X-Amz-Signature=secret");
    expect(assets.asked()).toEqual(["http://localhost/docs/main.js"]);
  });

  it("is not sent again to who has it", async () => {
    const app = appWith();
    const etag = (await ask(app, "/docs/main.js")).headers.get("etag") ?? "";
    const again = await ask(app, "/docs/main.js", { headers: { "if-none-match": etag } });
    expect({ status: again.status, text: await again.text() }).toEqual({ status: 304, text: "" });
    expect(again.headers.get("cache-control")).toBe("no-cache");
  });

  it("answers HEAD with the headers alone", async () => {
    const response = await ask(appWith(), "/docs", { method: "HEAD" });
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: "" });
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"])("refuses %s, and says what it takes", async (method) => {
    const response = await ask(appWith(), "/openapi.json", { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });

  it.each([
    "/docs/none.js",
    "/docs/folder/",
    "/docs/.hidden.js",
    "/docs//main.js",
    "/docs/main%2Ejs",
    "/docs/..%2Fprivate/index.html",
    "/docs/%2e%2e/private/index.html",
    "/private",
    "/docs.html",
    "/openapi.json/",
    "/settings.json/",
    "/health/",
  ])("is not at %s", async (path) => {
    const response = await ask(appWith(), path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ Code: "NotFound" });
  });
});

describe("the settings of pages", () => {
  it("are what a caller finds out by being refused, and in local mode what a token is made with", async () => {
    const response = await ask(appWith({ LOCAL_MODE: "true", ENDPOINTS_PER_USER: "7" }), "/settings.json");
    expect(await response.json()).toEqual({
      version,
      pages: ["docs", "console"],
      localMode: true,
      endpointsPerUser: 7,
      operationRate: { perSecond: 10, burst: 20 },
      adopts: false,
      moves: false,
      localTokens: LOCAL_TOKENS,
      localAccessKey: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
    });
    expect(response.headers.get("cache-control")).toBe("no-cache");
  });

  it("hold no secret of a deployment, nor one to make a token with", async () => {
    const response = await ask(appWith({ PAGES: "console" }), "/settings.json");
    expect(Object.keys((await response.json()) as object)).toEqual([
      ...["version", "pages", "localMode", "endpointsPerUser", "operationRate", "adopts", "moves"],
    ]);
  });

  it("say what becomes of a device that is registered again, or never again", async () => {
    const variables = { PAGES: "console", SAME_DEVICE: "adopt", STALE_DAYS: "90", DEVICES: "move" };
    const response = await ask(appWith(variables), "/settings.json");
    expect(await response.json()).toMatchObject({ adopts: true, moves: true, staleAfterMs: 90 * 24 * 60 * 60 * 1_000 });
  });

  it("are told only where a page is served", async () => {
    expect((await ask(appWith({}), "/settings.json")).status).toBe(404);
    expect((await ask(appWith({ PAGES: "docs" }), "/settings.json")).status).toBe(200);
    expect((await ask(appWith(), "/settings.json", { method: "POST" })).status).toBe(405);
  });
});

describe("the root", () => {
  it.each([
    ["without the variable PAGES", appWith({})],
    ["without the files", createApp({ ...localService(), users: usersThat(() => undefined).users })],
  ])("says %s what the server is, and how pages are switched on", async (_, app) => {
    const response = await ask(app, "/");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      name: "rollcall",
      version,
      health: "/health",
      pages: "Off. The variable PAGES switches them on, and in local mode all of them are.",
    });
  });

  it.each([
    ["without pages", {}],
    ["with pages", { PAGES: "docs" }],
  ])("refuses %s what it does not take", async (_, variables) => {
    const response = await ask(appWith(variables), "/", { method: "POST" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("pages are served", () => {
  const PATHS = ["/docs", "/openapi.json", "/console", "/home/main.js"];

  it.each([
    ["", [404, 404, 404, 404]],
    ["docs", [200, 200, 404, 200]],
    ["console", [404, 404, 200, 200]],
    ["docs, console", [200, 200, 200, 200]],
  ])("as PAGES says: %j", async (pages, statuses) => {
    const app = appWith({ PAGES: pages });
    const responses = await Promise.all(PATHS.map((path) => ask(app, path)));
    expect(responses.map(({ status }) => status)).toEqual(statuses);
  });

  it("and where their files can't be had, the server says so, as of any bug", async () => {
    const logs = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const fetch = () => Promise.reject(new Error("no disk"));
    const response = await ask(appWith(LOCAL_VARIABLES, { fetch: fetch as Assets["fetch"] }), "/docs");
    const requestId = response.headers.get("x-amzn-requestid");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("no disk");
    expect(JSON.parse(logs.mock.calls[0]?.[0])).toMatchObject({
      event: "bug",
      requestId,
      error: expect.stringContaining("no disk"),
    });
  });

  it("nowhere without the files", async () => {
    const { users } = usersThat(() => undefined);
    const app = createApp({ ...localService(), users });
    const responses = await Promise.all(PATHS.map((path) => ask(app, path)));
    expect(responses.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });
});
