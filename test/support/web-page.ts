/** A page of the Worker's in Chromium, and what it did besides being looked at. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface WebPage {
  readonly page: Page;
  /** The URLs of what it asked for. */
  readonly requests: readonly string[];
  /** Errors on its console, and what it threw. Answers that are no success count as well: Chromium tells of them. */
  readonly complaints: readonly string[];
  /** All that it wrote to its console. */
  readonly said: readonly string[];
}

/** Opens a page in a context of its own. */
export async function openPage(browser: Browser, url: string, options?: BrowserContextOptions): Promise<WebPage> {
  const page = await browser.newPage(options);
  const [requests, complaints, said]: string[][] = [[], [], []];
  page.on("request", (request) => void requests?.push(request.url()));
  page.on("console", (message) => {
    said?.push(message.text());
    if (message.type() === "error") {
      complaints?.push(message.text());
    }
  });
  page.on("pageerror", (error) => void complaints?.push(String(error)));
  await page.goto(url);
  return { page, requests: requests ?? [], complaints: complaints ?? [], said: said ?? [] };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds to be in the way of somebody: the ids of its rules, each with the elements. */
export async function accessibilityViolations(page: Page): Promise<Record<string, string[]>> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return Object.fromEntries(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]));
}

/** How wide the page's content is, in CSS pixels. */
export function contentWidth(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth");
}
