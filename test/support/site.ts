import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSync } from "esbuild";
import type { Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { startChromium } from "./chromium.ts";

/** A web site of one page in Chromium, while the tests of a file run. */
export interface Site {
  /** The page as that host serves it; its exports are called by `page.evaluate` as members of `site`. */
  open(host: string): Promise<Page>;
}

/** Serves a page whose script is a module of ours, bundled for browsers with all that it imports. */
export function serveSite(entry: string): Site {
  const server = createServer((request, response) => {
    const [type, body] = request.url === "/script.js" ? ["text/javascript", script] : ["text/html", HTML];
    response.setHeader("content-type", `${type}; charset=utf-8`).end(body);
  });
  let script = "";
  const chromium = startChromium();
  beforeAll(async () => {
    script = bundle(entry);
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  afterAll(() => {
    server.close();
  });
  return {
    async open(host) {
      const page = await chromium.browser.newPage();
      await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`);
      return page;
    },
  };
}

const HTML = '<!doctype html><title>A page</title><script src="/script.js"></script>';

function bundle(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    format: "iife",
    globalName: "site",
    platform: "browser",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
