import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { localToken } from "../../scripts/local.ts";
import { startChromium } from "../support/chromium.ts";
import { serve } from "../support/server.ts";
import { accessibilityViolations, contentWidth, openPage } from "../support/web-page.ts";

const server = serve();
const chromium = startChromium();

/** What Swagger UI itself falls short of: buttons in buttons, parts outside of landmarks, a name for two tables. */
const NOT_OURS = ["landmark-unique", "nested-interactive", "region"];

const PHONE = { width: 390, height: 844 };

/** The reference; and what its page asked for and complained of. */
async function openReference(options?: BrowserContextOptions) {
  const opened = await openPage(chromium.browser, `${server.url}/docs`, options);
  await opened.page.locator(".opblock").first().waitFor();
  return opened;
}

/** Shows all there is of every operation. */
async function unfold(page: Page): Promise<void> {
  for (const operation of await page.locator(".opblock").all()) {
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(".responses-table").waitFor();
  }
}

describe("the API reference", () => {
  it("shows every operation, and asks no other server for anything", async () => {
    const { page, requests, complaints } = await openReference();
    await unfold(page);
    expect(await page.locator(".opblock").count()).toBe(6);
    expect(requests.filter((url) => !url.startsWith(server.url) && !url.startsWith("data:"))).toEqual([]);
    expect(requests).toContain(`${server.url}/openapi.json`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(["light", "dark"] as const)("has names, roles and contrast for everyone, in the %s", async (colorScheme) => {
    const { page } = await openReference({ colorScheme });
    await unfold(page);
    const violations = Object.entries(await accessibilityViolations(page));
    expect(violations.filter(([id]) => !NOT_OURS.includes(id))).toEqual([]);
    await page.close();
  });

  it("follows the colours that a reader prefers", async () => {
    const { page } = await openReference({ colorScheme: "light" });
    const background = () => page.evaluate("getComputedStyle(document.querySelector('.opblock')).backgroundColor");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(background).not.toBe(light);
    await page.close();
  });

  it("fits a phone", async () => {
    const { page } = await openReference({ viewport: PHONE });
    await page.locator(".opblock-summary-control").first().click();
    await page.locator(".responses-table").waitFor();
    expect(await contentWidth(page)).toBe(PHONE.width);
    await page.close();
  });

  it("performs a call with a bearer token, and shows what is answered", async () => {
    const { page, complaints } = await openReference();
    await page.getByRole("button", { name: "Authorize" }).click();
    const bearer = page.locator(".auth-container", { hasText: "bearer" });
    await bearer.getByRole("textbox").fill(await localToken("alice"));
    await bearer.getByRole("button", { name: "Apply credentials" }).click();
    await bearer.getByRole("button", { name: "Close" }).click();
    const list = page.locator("#operations-Endpoints-ListAppInstanceUserEndpoints");
    await list.locator(".opblock-summary-control").click();
    await list.getByRole("button", { name: "Try it out" }).click();
    await list.getByRole("button", { name: "Execute" }).click();
    const answer = list.locator(".live-responses-table tbody");
    await answer.waitFor();
    expect(await answer.textContent()).toMatch(/^200.*"AppInstanceUserEndpoints": \[\]/s);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
