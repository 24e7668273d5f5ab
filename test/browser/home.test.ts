import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startChromium } from "../support/chromium.ts";
import { serve } from "../support/server.ts";
import { accessibilityViolations, contentWidth, openPage } from "../support/web-page.ts";

const PHONE = { width: 360, height: 780 };

const local = serve();
const deployed = serve({ PAGES: "docs" });
const chromium = startChromium();
const run = promisify(execFile);

async function openHome(url: string, options?: Parameters<typeof openPage>[2]) {
  const opened = await openPage(chromium.browser, `${url}/`, options);
  await opened.page.getByRole("heading", { name: "Register an endpoint" }).waitFor();
  return opened;
}

describe("the page at the root", () => {
  it("has in local mode a call to paste, which answers an endpoint however often it is pasted", async () => {
    const { page, requests, complaints } = await openHome(local.url);
    const call = (await page.locator("pre").textContent()) ?? "";
    const answers = [(await run("bash", ["-c", call])).stdout, (await run("bash", ["-c", call])).stdout];
    const ids = answers.map((answer) => /^HTTP\/1.1 200 .*"endpointId":"([\w-]{36})"/s.exec(answer)?.[1]);
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
    expect(requests.filter((url) => !url.startsWith(local.url) && !url.startsWith("data:"))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("leads to the pages that are served, and to no other", async () => {
    const links = async (url: string) => {
      const { page } = await openHome(url);
      const paths = await page.locator("main ul a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
      await page.close();
      return paths;
    };
    expect(await links(local.url)).toEqual(["/console", "/docs", "/openapi.json", "/health"]);
    expect(await links(deployed.url)).toEqual(["/docs", "/openapi.json", "/health"]);
  });

  it("has no token to show where local mode is off", async () => {
    const { page } = await openHome(deployed.url);
    expect(await page.locator("pre").textContent()).toContain('"Authorization: Bearer $TOKEN"');
    await page.close();
  });

  it.each(["light", "dark"] as const)("has names, roles and contrast for everyone, in the %s", async (colorScheme) => {
    const { page } = await openHome(local.url, { colorScheme, viewport: PHONE });
    expect(await accessibilityViolations(page)).toEqual({});
    expect(await contentWidth(page)).toBe(PHONE.width);
    await page.close();
  });
});
